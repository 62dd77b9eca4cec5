package io.election.testing.servers;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Prints how many tests ran with each version of each server there, so that none is left
 * out in silence. A test that had several counts for each.
 */
public final class TestsPerServer implements TestExecutionListener {

	private static final String ROW = "%-24s %8s %8s%n";

	private final Map<String, Count> counts = new LinkedHashMap<>();

	private int skipped;

	@Override
	public void executionStarted(TestIdentifier identifier) {
		if (identifier.isTest()) {
			ServersInUse.namesSinceLastAsked();
		}
	}

	@Override
	public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
		if (identifier.isTest()) {
			Count count = (result.getStatus() == Status.SUCCESSFUL) ? new Count(1, 0) : new Count(0, 1);
			ServersInUse.namesSinceLastAsked().forEach((server) -> this.counts.merge(server, count, Count::plus));
		}
	}

	@Override
	public void executionSkipped(TestIdentifier identifier, String reason) {
		this.skipped++;
	}

	@Override
	public void testPlanExecutionFinished(TestPlan plan) {
		if (!this.counts.isEmpty()) {
			known().forEach((server) -> this.counts.putIfAbsent(server, new Count(0, 0)));
			StringBuilder table = new StringBuilder(ROW.formatted("Tests with a server", "passed", "failed"));
			this.counts.entrySet()
				.stream()
				.sorted(Map.Entry.comparingByKey())
				.forEach((entry) -> table.append(entry.getValue().row(entry.getKey())));
			System.out.printf("%n%s%d tests or classes skipped, with a server or without%n%n", table, this.skipped);
		}
	}

	private static Stream<String> known() {
		return Stream
			.of(Stream.of(PostgresVersion.values()).map((version) -> new PostgresServer(version).toString()),
					Stream.of(MySqlVersion.values()).map(MySqlVersion::toString),
					Stream.of(EtcdVersion.values()).map(EtcdVersion::toString),
					Stream.of(EtcdVersion.values()).map(TestCluster::name),
					Stream.of(NatsVersion.values()).map(NatsVersion::toString),
					Stream.of(NatsVersion.values()).map(TestCluster::name))
			.flatMap((names) -> names);
	}

	private record Count(int passed, int failed) {

		Count plus(Count other) {
			return new Count(this.passed + other.passed, this.failed + other.failed);
		}

		String row(String server) {
			return (this.passed + this.failed > 0) ? ROW.formatted(server, this.passed, this.failed)
					: ROW.formatted(server, "not here", "");
		}

	}

}
