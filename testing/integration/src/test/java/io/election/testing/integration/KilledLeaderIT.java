package io.election.testing.integration;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The leader is killed (SIGKILL).
 */
class KilledLeaderIT {

	private static final Duration LEASE = Duration.ofSeconds(2);

	private static final ElectionDatabase database = new ElectionDatabase();

	@BeforeAll
	static void startDatabase() {
		database.server().start();
	}

	@AfterAll
	static void closeDatabase() {
		database.close();
	}

	@Test
	void anotherLeads() {
		try (Cluster cluster = new Cluster()) {
			Node leader = cluster.startLeader(Node.with("leader", database.properties("one", LEASE)), "one");
			cluster.start(Node.with("second", database.properties("one", LEASE)));
			cluster.start(Node.with("third", database.properties("one", LEASE)));
			leader.process().kill9();
			long killedAt = System.nanoTime();
			assertThat(cluster.awaitGranted("one", killedAt).node()).isNotEqualTo("leader");
			cluster.assertThatElectionGoesOn("one");
			cluster.assertPromises();
		}
	}

	@Test
	void itsSuccessorWithTheSameIdIsAnotherCandidate() {
		try (Cluster cluster = new Cluster()) {
			Node leader = cluster.startLeader(Node.with("same", database.properties("same", LEASE)), "same");
			leader.process().kill9();
			Node successor = cluster.start(Node.with("same", database.properties("same", LEASE)));
			assertThat(successor.awaitGranted(0, "same").token()).isGreaterThan(leader.awaitGranted(0, "same").token());
			cluster.assertPromises();
		}
	}

	@Test
	void anotherLeadsEachOfItsHundredElections() {
		List<String> elections = IntStream.range(0, 100).mapToObj((i) -> "many-" + i).toList();
		String names = String.join(",", elections);
		try (Cluster cluster = new Cluster()) {
			Node leader = cluster
				.launch(Node.with("leader", database.properties("main", LEASE)).property("election.names", names));
			elections.forEach((election) -> leader.awaitGranted(0, election));
			Node second = cluster
				.start(Node.with("second", database.properties("main", LEASE)).property("election.names", names));
			leader.process().kill9();
			elections.forEach((election) -> second.awaitGranted(0, election));
			cluster.assertPromises();
		}
	}

}
