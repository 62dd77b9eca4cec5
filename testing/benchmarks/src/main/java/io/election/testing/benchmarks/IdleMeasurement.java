package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import io.election.testing.integration.ElectionDatabase;
import io.election.testing.integration.Node;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.Statement;

/**
 * What elections ask of PostgreSQL while nothing happens, as its log tells
 * ({@code log_statement=all}; a {@code BEGIN} or a {@code COMMIT} would count, too).
 * Lease 15 s, renew deadline 10 s, retry period 2 s.
 */
public final class IdleMeasurement {

	private static final Duration LEASE = Duration.ofSeconds(15);

	private static final Duration SETTLING = Duration.ofSeconds(20);

	private static final Duration TIME = Duration.ofSeconds(120);

	private IdleMeasurement() {
	}

	/**
	 * Measures.
	 * @param args none
	 */
	public static void main(String[] args) {
		measure(1);
		measure(1000);
		System.exit(0);
	}

	private static void measure(int count) {
		String some = String.join(",", Nodes.names("some-", count));
		String others = String.join(",", Nodes.names("other-", count));
		try (ElectionDatabase database = new ElectionDatabase()) {
			PostgresServer server = database.server().logStatements().start();
			try (Node leads = start(database, "leads", "some-0", some)) {
				leads.awaitGranted(0, "some-" + (count - 1));
				try (Node waits = start(database, "waits", "some-0", some);
						Node both = start(database, "both", "other-0", some + "," + others)) {
					both.awaitGranted(0, "other-" + (count - 1));
					Nodes.sleep(SETTLING);
					int begin = server.statements().size();
					Nodes.sleep(TIME);
					List<Statement> statements = server.statements();
					print(count, statements.subList(begin, statements.size()));
					for (Node node : List.of(leads, waits, both)) {
						System.out.println("  " + node.candidateId() + ": events since the start "
								+ summary(node, count) + ", threads " + node.command("threads").result());
					}
				}
			}
			System.out.println("  WARNING, ERROR or worse in the log: " + server.logErrors());
		}
	}

	private static String summary(Node node, int count) {
		long granted = node.reports().events().stream().filter((event) -> event.isGranted()).count();
		long revoked = node.reports().events().stream().filter((event) -> event.isRevoked()).count();
		return granted + " granted, " + revoked + " revoked of " + count;
	}

	private static Node start(ElectionDatabase database, String candidateId, String main, String names) {
		Node node = Nodes.measured(candidateId, database.properties(main, LEASE))
			.property("election.names", names)
			.property("election.jdbc.properties.ApplicationName", candidateId)
			.start();
		node.awaitReady();
		return node;
	}

	private static void print(int elections, List<Statement> statements) {
		System.out.println(elections + " election(s), statements a second:");
		Map<String, List<Statement>> byNode = new TreeMap<>();
		statements.forEach((statement) -> byNode.computeIfAbsent(statement.application(), (name) -> new ArrayList<>())
			.add(statement));
		byNode.forEach((node, own) -> {
			System.out.println(String.format(Locale.ROOT, "  %-6s %.2f", node, perSecond(own.size())));
			Map<String, Integer> kinds = new TreeMap<>();
			own.forEach((statement) -> kinds.merge(kind(statement.sql()), 1, Integer::sum));
			kinds.forEach((kind, number) -> System.out
				.println(String.format(Locale.ROOT, "           %.2f %s", perSecond(number), kind)));
		});
	}

	private static double perSecond(int statements) {
		return statements / (double) TIME.toSeconds();
	}

	/** Enough of a statement to tell it from others. */
	private static String kind(String sql) {
		String line = sql.replaceAll("\\s+", " ");
		int update = line.indexOf("UPDATE election");
		String start = line.substring(0, Math.min(40, line.length()));
		return (update > 0) ? start + " … " + line.substring(update, Math.min(update + 40, line.length())) : start;
	}

}
