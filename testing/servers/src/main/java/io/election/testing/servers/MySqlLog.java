package io.election.testing.servers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What MySQL and MariaDB write to their logs.
 */
final class MySqlLog {

	/**
	 * The user whose statements are not counted.
	 */
	static final String OWN_USER = "root";

	// 2026-11-20T23:28:34.656423Z 0 [Warning] [MY-010068] [Server] …, or
	// 2026-11-20 23:28:59 0 [Warning] …
	private static final Pattern ERROR = Pattern
		.compile("\\d{4}-\\d\\d-\\d\\d[T ] ?\\S+ \\d+ \\[(?:Warning|ERROR)] .*");

	// 2026-11-20T23:28:36.337705Z\t 8 Query\t…, or 261120 23:29:16\t 3 Query\t…, where
	// the time is left out if it was that of the line before
	private static final Pattern COMMAND = Pattern
		.compile("(?:\\S+Z|\\d{6} [ \\d]\\d:\\d\\d:\\d\\d|\t)\t *(\\d+) ([A-Z][A-Za-z ]+)\t(.*)");

	// What each start of the server begins the log with
	private static final Pattern HEADER = Pattern.compile(".*, Version: .* started with:|Tcp port: .*|Time\\s+Id .*");

	private static final Set<String> STATEMENTS = Set.of("Query", "Execute");

	private MySqlLog() {
	}

	static List<String> errors(List<String> log) {
		return log.stream().filter((line) -> ERROR.matcher(line).matches()).toList();
	}

	/**
	 * Return the statements of all sessions but those of {@link #OWN_USER}. Pings are not
	 * logged.
	 * @param generalLog the lines of the general log
	 * @return the statements, whose application is the name of the session's user
	 */
	static List<Statement> statements(List<String> generalLog) {
		Map<Integer, String> users = new HashMap<>();
		List<Statement> statements = new ArrayList<>();
		for (Entry entry : entries(generalLog)) {
			if (entry.command().equals("Connect")) {
				users.put(entry.session(), entry.argument().replaceFirst("@.*", ""));
			}
			String user = users.getOrDefault(entry.session(), OWN_USER);
			if (STATEMENTS.contains(entry.command()) && !user.equals(OWN_USER)) {
				statements.add(new Statement(entry.session(), user, entry.argument()));
			}
		}
		return statements;
	}

	private static List<Entry> entries(List<String> lines) {
		List<Entry> entries = new ArrayList<>();
		for (String line : lines) {
			Matcher matcher = COMMAND.matcher(line);
			if (matcher.matches()) {
				entries.add(new Entry(Integer.parseInt(matcher.group(1)), matcher.group(2), matcher.group(3)));
			}
			else if (!entries.isEmpty() && !HEADER.matcher(line).matches()) {
				// A statement has further lines as they are
				Entry last = entries.remove(entries.size() - 1);
				entries.add(new Entry(last.session(), last.command(), last.argument() + "\n" + line));
			}
		}
		return entries;
	}

	private record Entry(int session, String command, String argument) {

	}

}
