package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.election.testing.integration.ElectionDatabase;
import io.election.testing.integration.Node;
import io.election.testing.integration.NodeReports.Event;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.Statement;

/**
 * What elections ask of PostgreSQL while nothing happens, as its log tells
 * ({@code log_statement=all}; a {@code BEGIN} or a {@code COMMIT} would count, too).
 * Lease 15 s, renew deadline 10 s, retry period 2 s.
 */
public final class IdleMeasurement {

	private static final Duration LEASE = Duration.ofSeconds(15);

	private static final Duration SETTLING = Duration.ofSeconds(10);

	private static final Duration TIME = Duration.ofSeconds(120);

	private static final Pattern VERB = Pattern.compile("(UPDATE|DELETE FROM|INSERT INTO|LISTEN) \"?election\\w*");

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
			Map<Integer, String> sessions = new HashMap<>();
			try (Node leads = start(database, "leads", "some-0", some)) {
				leads.awaitGranted(0, "some-" + (count - 1));
				addSessions(sessions, server, "only leads");
				try (Node waits = start(database, "waits", "some-0", some)) {
					waits.awaitEvent(0, (event) -> event.election().equals("some-" + (count - 1)));
					addSessions(sessions, server, "only waits");
					try (Node both = start(database, "both", "other-0", some + "," + others)) {
						both.awaitGranted(0, "other-" + (count - 1));
						addSessions(sessions, server, "does both");
						Nodes.sleep(SETTLING);
						int begin = server.statements().size();
						Nodes.sleep(TIME);
						List<Statement> statements = server.statements();
						System.out.println(count + " election(s), statements a second of a node that:");
						print(sessions, statements.subList(begin, statements.size()));
						List.of(leads, waits, both).forEach((node) -> System.out.println("  " + summary(node)));
					}
				}
			}
			System.out.println("  WARNING, ERROR or worse in the log: " + server.logErrors());
		}
	}

	/** Sessions that nobody had before belong to the node that was started last. */
	private static void addSessions(Map<Integer, String> sessions, PostgresServer server, String owner) {
		// Such as the one for notifications, which need not be there yet
		Nodes.sleep(SETTLING);
		String pids = server.query("select string_agg(pid::text, ' ') from pg_stat_activity"
				+ " where backend_type = 'client backend' and pid <> pg_backend_pid()");
		for (String pid : String.valueOf(pids).split(" ")) {
			sessions.putIfAbsent(Integer.valueOf(pid), owner);
		}
	}

	private static Node start(ElectionDatabase database, String candidateId, String main, String names) {
		Node node = Nodes.measured(candidateId, database.properties(main, LEASE))
			.property("election.names", names)
			.start();
		node.awaitReady();
		return node;
	}

	private static void print(Map<Integer, String> sessions, List<Statement> statements) {
		Map<String, List<Statement>> byOwner = new TreeMap<>();
		statements.forEach((statement) -> byOwner
			.computeIfAbsent(sessions.getOrDefault(statement.session(), "is unknown"), (owner) -> new ArrayList<>())
			.add(statement));
		byOwner.forEach((owner, own) -> {
			System.out.println(String.format(Locale.ROOT, "  %-10s  %.2f", owner, perSecond(own.size())));
			Map<String, Integer> kinds = new TreeMap<>();
			own.forEach((statement) -> kinds.merge(kind(statement.sql()), 1, Integer::sum));
			kinds.forEach((kind, number) -> System.out
				.println(String.format(Locale.ROOT, "               %.2f %s", perSecond(number), kind)));
		});
	}

	private static String summary(Node node) {
		List<Event> events = node.reports().events();
		return node.candidateId() + ": " + events.stream().filter(Event::isGranted).count() + " granted, "
				+ events.stream().filter(Event::isRevoked).count() + " revoked since the start, "
				+ node.command("threads").result() + " threads";
	}

	private static double perSecond(int statements) {
		return statements / (double) TIME.toSeconds();
	}

	/** Enough of a statement to tell it from others. */
	private static String kind(String sql) {
		Matcher verb = VERB.matcher(sql);
		return verb.find() ? verb.group() : sql.lines().findFirst().orElse("");
	}

}
