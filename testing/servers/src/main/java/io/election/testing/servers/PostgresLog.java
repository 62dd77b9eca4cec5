package io.election.testing.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a PostgreSQL server has written to its log so far, restarts included.
 */
final class PostgresLog {

	/**
	 * What the server puts in front of every entry: time, session, application name.
	 */
	static final String LINE_PREFIX = "%m [%p] [%a] ";

	private static final Pattern ENTRY = Pattern.compile("\\S+ \\S+ \\S+ \\[(\\d+)] \\[(.*?)] ([A-Z0-9]+):  (.*)",
			Pattern.DOTALL);

	private static final Pattern STATEMENT = Pattern.compile("(?:statement|execute (?:fetch from )?\\S+): (.*)",
			Pattern.DOTALL);

	private static final Set<String> ERRORS = Set.of("WARNING", "ERROR", "FATAL", "PANIC");

	private final List<String> lines;

	PostgresLog(List<String> lines) {
		this.lines = lines;
	}

	List<String> errors() {
		return entries().stream().filter((entry) -> ERRORS.contains(entry.level())).map(Entry::text).toList();
	}

	List<Statement> statements() {
		List<Statement> statements = new ArrayList<>();
		for (Entry entry : entries()) {
			Matcher matcher = STATEMENT.matcher(entry.message());
			if (entry.level().equals("LOG") && matcher.matches()) {
				statements.add(new Statement(entry.session(), entry.application(), matcher.group(1)));
			}
		}
		return statements;
	}

	private List<Entry> entries() {
		List<StringBuilder> texts = new ArrayList<>();
		for (String line : this.lines) {
			// The server indents the further lines of an entry
			if (line.startsWith("\t") && !texts.isEmpty()) {
				texts.get(texts.size() - 1).append('\n').append(line, 1, line.length());
			}
			else {
				texts.add(new StringBuilder(line));
			}
		}
		List<Entry> entries = new ArrayList<>();
		for (StringBuilder text : texts) {
			Matcher matcher = ENTRY.matcher(text);
			if (matcher.matches()) {
				entries.add(new Entry(Integer.parseInt(matcher.group(1)), matcher.group(2), matcher.group(3),
						matcher.group(4), text.toString()));
			}
		}
		return entries;
	}

	private record Entry(int session, String application, String level, String message, String text) {

	}

}
