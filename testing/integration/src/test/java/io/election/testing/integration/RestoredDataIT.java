package io.election.testing.integration;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An older copy of a server's data is restored while applications run.
 */
@OnEachBackend({ ElectionBackend.POSTGRES, ElectionBackend.MARIADB, ElectionBackend.ETCD, ElectionBackend.NATS })
@ExtendWith(OutputCaptureExtension.class)
class RestoredDataIT {

	private static final Duration LEASE = Duration.ofSeconds(2);

	/** What the application claims after the loss, as nobody else is there. */
	private static final String CLAIMED = "claimed";

	/** What somebody leads after the loss who has seen no token. */
	private static final String FOLLOWED = "followed";

	/** So many that tokens that are revisions stay lower for long. */
	private static final int TERMS_LOST = 20;

	private final ElectionServer backend;

	private final TestServer server;

	RestoredDataIT(ElectionServer backend) {
		this.backend = backend;
		this.server = backend.server();
	}

	@Test
	void isReportedOnceUntilResumed(CapturedOutput output) {
		try (TestApplication old = start("old", CLAIMED, FOLLOWED)) {
			old.awaitTerms(CLAIMED, 1);
			old.awaitTerms(FOLLOWED, 1);
			this.server.kill();
			this.server.backUp();
			this.server.start();
			long claimed = loseTerms(old.election(CLAIMED));
			long followed = loseTerms(old.election(FOLLOWED));
			old.election(FOLLOWED).pause();
			this.server.kill();
			this.server.restore();
			this.server.start();
			try (TestApplication fresh = start("fresh", FOLLOWED)) {
				assertThat(awaitToken(fresh.election(FOLLOWED))).isLessThan(followed);
				awaitReport(old, CLAIMED, claimed);
				awaitReport(old, FOLLOWED, followed);
				assertThat(old.health().getStatus()).isEqualTo(Status.DOWN);
				assertThat(fresh.health().getStatus()).isEqualTo(Status.UP);

				raiseTokens(fresh.election(FOLLOWED), followed);
				resume(old.election(FOLLOWED));
				resume(old.election(CLAIMED));
				TestApplication.await(() -> old.health().getStatus() == Status.UP);
				assertThat(awaitToken(old.election(CLAIMED))).isGreaterThan(claimed);
				fresh.election(FOLLOWED).resign(LEASE);
				assertThat(awaitToken(old.election(FOLLOWED))).isGreaterThan(followed);
				assertThat(old.health().getStatus()).isEqualTo(Status.UP);
			}
			assertThat(reports(output)).hasSize(2);
		}
	}

	/** Leads some terms more. */
	private static long loseTerms(LeaderElection election) {
		for (int i = 0; i < TERMS_LOST; i++) {
			awaitToken(election);
			election.resign(Duration.ZERO);
		}
		return awaitToken(election);
	}

	/** Waits until the election is led here. */
	private static long awaitToken(LeaderElection election) {
		AtomicLong token = new AtomicLong();
		TestApplication.await(() -> {
			election.leadership().ifPresent((term) -> token.set(term.fencingToken()));
			return token.get() > 0;
		});
		return token.get();
	}

	private static void awaitReport(TestApplication application, String election, long highest) {
		TestApplication.await(() -> application.error(election).contains("it has lost writes"));
		assertThat(application.error(election)).contains(" token ", " after " + highest, "resume");
	}

	private static void resume(LeaderElection election) {
		election.resume();
		TestApplication.await(() -> election.state() != ElectionState.PAUSED);
	}

	/** On etcd tokens are revisions, and only later ones are taken. */
	private void raiseTokens(LeaderElection election, long above) {
		while (this.server instanceof EtcdServer && awaitToken(election) <= above) {
			election.resign(Duration.ZERO);
		}
	}

	private static List<String> reports(CapturedOutput output) {
		return output.getAll()
			.lines()
			.filter((line) -> line.contains(" ERROR ") && line.contains("it has lost writes"))
			.toList();
	}

	private TestApplication start(String candidateId, String... elections) {
		Stream<String> properties = this.backend.properties(elections[0], LEASE).stream();
		return TestApplication.start(Stream
			.concat(properties,
					Stream.of("election.names=" + String.join(",", elections), "election.candidate.id=" + candidateId))
			.toList());
	}

}
