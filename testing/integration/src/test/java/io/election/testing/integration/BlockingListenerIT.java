package io.election.testing.integration;

import java.time.Duration;
import java.util.List;

import io.election.testing.integration.NodeReports.Event;
import io.election.testing.integration.NodeReports.Run;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A listener blocks for twice the lease.
 */
@OnEachBackend
class BlockingListenerIT {

	private static final Duration LEASE = Duration.ofSeconds(3);

	private final ElectionServer server;

	BlockingListenerIT(ElectionServer server) {
		this.server = server;
	}

	@Test
	void aListenerOfGrantedCostsNoLeaseAndOneOfRevokedHoldsNobodyUpForLonger() {
		try (Cluster cluster = new Cluster()) {
			Node first = cluster.startLeader(Node.with("first", this.server.properties("jobs", LEASE)), "jobs");
			Node second = cluster.start(Node.with("second", this.server.properties("jobs", LEASE)));

			first.command("block-granted " + LEASE.multipliedBy(2).toMillis());
			first.command("pause jobs");
			second.awaitGranted(0, "jobs");
			int mark = first.mark();
			first.command("resume jobs");
			second.command("resign jobs");
			Event granted = first.awaitGranted(mark, "jobs");
			awaitUnblocked(first, mark);
			assertThat(first.command("leads jobs").result()).isEqualTo("true");
			assertThat(second.reports().events()).noneMatch((event) -> event.isGranted() && event.at() > granted.at());

			first.command("block-revoked " + LEASE.multipliedBy(2).toMillis());
			mark = first.mark();
			first.command("resign jobs");
			Event revoked = first.awaitRevoked(mark, "jobs");
			Event successor = cluster.awaitGranted("jobs", revoked.at());
			assertThat(successor.node()).isEqualTo("second");
			assertThat(successor.at()).isLessThan(awaitUnblocked(first, mark));

			// Renewed meanwhile. The last sample may be a while before the end: nothing
			// else wakes the thread that takes them
			long leaseEnd = granted.at() + LEASE.toNanos();
			List<Run> runs = first.reports().runs().stream().filter((run) -> run.token() == granted.token()).toList();
			assertThat(runs).singleElement()
				.satisfies((run) -> assertThat(run.last().before()).isGreaterThan(leaseEnd));
			cluster.assertThatElectionGoesOn("jobs");
			cluster.assertPromises();
		}
	}

	private static long awaitUnblocked(Node node, int mark) {
		return Long.parseLong(node.awaitLine(mark, (line) -> line.startsWith("@unblocked ")).split(" ")[1]);
	}

}
