package io.election.testing.integration;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A thousand elections in one application.
 */
@OnEachBackend
class ManyElectionsIT {

	private static final Duration LEASE = Duration.ofSeconds(6);

	private static final List<String> ELECTIONS = IntStream.range(0, 1000).mapToObj((i) -> "many-" + i).toList();

	private static final int THREADS = 20;

	private final ElectionServer server;

	ManyElectionsIT(ElectionServer server) {
		this.server = server;
	}

	@Test
	void takeAFewThreadsAndFailOver() {
		List<String> properties = this.server.properties("main", LEASE);
		List<String> shared = ELECTIONS.subList(0, 200);
		try (Cluster cluster = new Cluster()) {
			Node without = cluster.start(Node.with("without", properties).property("election.enabled", "false"));
			Node leader = cluster
				.launch(Node.with("leader", properties).property("election.names", String.join(",", ELECTIONS)));
			ELECTIONS.forEach((election) -> leader.awaitGranted(0, election));
			assertThat(threads(leader)).isLessThanOrEqualTo(threads(without) + THREADS);
			Node second = cluster
				.start(Node.with("second", properties).property("election.names", String.join(",", shared)));
			assertThat(threads(second)).isLessThanOrEqualTo(threads(without) + THREADS);
			leader.process().kill9();
			shared.forEach((election) -> second.awaitGranted(0, election));
			cluster.assertPromises();
		}
	}

	private static int threads(Node node) {
		return Integer.parseInt(node.command("threads").result());
	}

}
