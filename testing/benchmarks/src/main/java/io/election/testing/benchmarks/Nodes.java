package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import io.election.testing.integration.Node;

/**
 * What measurements have in common.
 */
final class Nodes {

	private Nodes() {
	}

	/** A node that does nothing but elect, on the JVM that applications have. */
	static Node.Builder measured(String candidateId, List<String> properties) {
		return Node.with(candidateId, properties)
			.property("node.sampling", "false")
			.options("-XX:TieredStopAtLevel=4", "-Xmx512m");
	}

	static List<String> names(String prefix, int count) {
		return IntStream.range(0, count).mapToObj((i) -> prefix + i).toList();
	}

	static void sleep(Duration time) {
		try {
			Thread.sleep(time.toMillis());
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
