package io.election.testing.integration;

import java.time.Duration;
import java.util.List;

import io.election.testing.integration.NodeReports.Event;
import io.election.testing.integration.NodeReports.Gap;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A process stands still (SIGSTOP) for twice the lease, and goes on (SIGCONT).
 */
@OnEachBackend
class SuspendedProcessIT {

	private static final Duration LEASE = Duration.ofSeconds(3);

	private final ElectionServer server;

	SuspendedProcessIT(ElectionServer server) {
		this.server = server;
	}

	@Test
	void theFirstAnswerAfterwardsIsFalse() {
		try (Cluster cluster = new Cluster()) {
			Node suspended = cluster.startLeader(Node.with("suspended", this.server.properties("leads", LEASE)),
					"leads");
			Node other = cluster.start(Node.with("other", this.server.properties("leads", LEASE)));
			long resumedAt = suspend(suspended);
			Event revoked = suspended.awaitRevoked(0, "leads");
			assertThat(revoked.at()).isGreaterThan(resumedAt);
			assertThat(revoked.detail()).isEqualTo("EXPIRED");
			// The sampler was waiting for its next turn to ask
			suspended.awaitLine(0, (line) -> line.startsWith("@gap "));
			List<Gap> gaps = suspended.reports().gaps();
			assertThat(gaps.get(0).sample().before()).isGreaterThan(resumedAt);
			assertThat(gaps).noneMatch(Gap::leads);
			Event successor = other.awaitGranted(0, "leads");
			assertThat(successor.at()).isLessThan(resumedAt);
			cluster.assertPromises();
		}
	}

	@Test
	void aCandidateThatMissedTheRenewalsDoesNotTakeOver() {
		try (Cluster cluster = new Cluster()) {
			Node leader = cluster.startLeader(Node.with("leader", this.server.properties("waits", LEASE)), "waits");
			Node suspended = cluster.start(Node.with("suspended", this.server.properties("waits", LEASE)));
			TestApplication.await(() -> suspended.command("leader waits").result().equals("leader"));
			suspend(suspended);
			TestApplication.await(() -> suspended.command("leader waits").result().equals("leader"));
			assertThat(leader.reports().events()).noneMatch(Event::isRevoked);
			assertThat(suspended.reports().events()).noneMatch(Event::isGranted);
			cluster.assertThatElectionGoesOn("waits");
			cluster.assertPromises();
		}
	}

	/** Returns an instant at which the process certainly stood still. */
	private static long suspend(Node node) {
		node.process().sigstop();
		TestApplication.sleep(LEASE.multipliedBy(2));
		long resumedAt = System.nanoTime();
		node.process().sigcont();
		return resumedAt;
	}

}
