package io.election.testing.integration;

import java.time.Duration;
import java.time.Instant;

import io.election.testing.servers.FakeTime;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Wall clocks of applications are an hour off, in both directions.
 */
class WrongClockIT {

	private static final Duration LEASE = Duration.ofSeconds(3);

	private static final Duration HOUR = Duration.ofHours(1);

	private static final ElectionDatabase database = ElectionDatabase.postgres();

	@BeforeAll
	static void startDatabase() {
		database.server().start();
	}

	@AfterAll
	static void closeDatabase() {
		database.close();
	}

	@Test
	void nobodyLeadsTooEarlyOrTooLong() {
		try (Cluster cluster = new Cluster()) {
			Node fast = cluster.startLeader(node("fast", HOUR), "jobs");
			Node slow = cluster.start(node("slow", HOUR.negated()));
			Node right = cluster.start(Node.with("right", database.properties("jobs", LEASE)));
			assertThatClockIsOff(fast, HOUR);
			assertThatClockIsOff(slow, HOUR.negated());
			assertThatClockIsOff(right, Duration.ZERO);
			// Long enough for a lease to run out, were it measured with such clocks
			TestApplication.sleep(LEASE.multipliedBy(2));
			assertThat(fast.reports().events()).noneMatch((event) -> event.isRevoked());

			// The next two leave records behind that others judge the age of
			right.command("pause jobs");
			fast.process().kill9();
			slow.awaitGranted(0, "jobs");
			right.command("resume jobs");
			TestApplication.await(() -> right.command("leader jobs").result().equals("slow"));
			slow.process().kill9();
			right.awaitGranted(0, "jobs");
			Node again = cluster.start(node("fast-again", HOUR));
			cluster.assertThatElectionGoesOn("jobs");
			assertThat(cluster.awaitLeader("jobs")).isSameAs(again);
			cluster.assertPromises();
		}
	}

	private static Node.Builder node(String candidateId, Duration offset) {
		return Node.with(candidateId, database.properties("jobs", LEASE)).environment(FakeTime.environment(offset));
	}

	private static void assertThatClockIsOff(Node node, Duration offset) {
		Instant told = Instant.parse(node.command("time").result());
		assertThat(Duration.between(Instant.now(), told).toSeconds()).isCloseTo(offset.toSeconds(), within(60L));
	}

}
