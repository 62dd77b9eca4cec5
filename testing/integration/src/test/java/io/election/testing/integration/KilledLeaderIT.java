package io.election.testing.integration;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The leader is killed (SIGKILL).
 */
@OnEachBackend
class KilledLeaderIT {

	private static final Duration LEASE = Duration.ofSeconds(2);

	private final ElectionServer server;

	KilledLeaderIT(ElectionServer server) {
		this.server = server;
	}

	@Test
	void anotherLeads() {
		try (Cluster cluster = new Cluster()) {
			Node leader = cluster.startLeader(Node.with("leader", this.server.properties("one", LEASE)), "one");
			cluster.start(Node.with("second", this.server.properties("one", LEASE)));
			cluster.start(Node.with("third", this.server.properties("one", LEASE)));
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
			Node leader = cluster.startLeader(Node.with("same", this.server.properties("same", LEASE)), "same");
			leader.process().kill9();
			Node successor = cluster.start(Node.with("same", this.server.properties("same", LEASE)));
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
				.launch(Node.with("leader", this.server.properties("main", LEASE)).property("election.names", names));
			elections.forEach((election) -> leader.awaitGranted(0, election));
			Node second = cluster
				.start(Node.with("second", this.server.properties("main", LEASE)).property("election.names", names));
			leader.process().kill9();
			elections.forEach((election) -> second.awaitGranted(0, election));
			cluster.assertPromises();
		}
	}

}
