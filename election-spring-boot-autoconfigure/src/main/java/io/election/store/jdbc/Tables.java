package io.election.store.jdbc;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The names of the tables. SQL is written with the default names, which are replaced by
 * the configured ones.
 */
final class Tables {

	private static final Pattern DEFAULT_NAME = Pattern.compile("\\belection_(lease|fence|candidate)\\b");

	private static final Pattern SCHEMA = Pattern.compile("[A-Za-z_][A-Za-z0-9_$-]{0,62}");

	/** Leaves room for the rest of the name and for the suffixes of its indexes. */
	private static final Pattern PREFIX = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,39}");

	private final @Nullable String schema;

	private final String prefix;

	private final String quote;

	/** The SQL that was asked for, by the one with the default names: a fixed number. */
	private final Map<String, String> prepared = new ConcurrentHashMap<>();

	/**
	 * Checks the names.
	 * @param schema the schema of the tables, {@code null} for the connection's own
	 * @param prefix what their names begin with
	 * @param quote what the database quotes names with
	 */
	Tables(@Nullable String schema, String prefix, String quote) {
		if (schema != null && !SCHEMA.matcher(schema).matches()) {
			throw new IllegalArgumentException("election.jdbc.schema is \"" + schema
					+ "\" but must be 1 to 63 letters, digits, '_', '$' or '-', the first a letter or '_'");
		}
		if (!PREFIX.matcher(prefix).matches()) {
			throw new IllegalArgumentException("election.jdbc.table-prefix is \"" + prefix
					+ "\" but must be 1 to 40 letters, digits or '_', the first no digit");
		}
		this.schema = schema;
		this.prefix = prefix;
		this.quote = quote;
	}

	/** The names of the tables, without a schema. */
	List<String> names() {
		return List.of(this.prefix + "lease", this.prefix + "fence", this.prefix + "candidate");
	}

	/** The SQL with the names of the tables as configured. */
	String in(String sql) {
		return this.prepared.computeIfAbsent(sql, this::replaceNames);
	}

	private String replaceNames(String sql) {
		return DEFAULT_NAME.matcher(sql).replaceAll((match) -> Matcher.quoteReplacement(name(match.group(1))));
	}

	private String name(String table) {
		return ((this.schema != null) ? quoted(this.schema) + "." : "") + quoted(this.prefix + table);
	}

	private String quoted(String name) {
		return this.quote + name + this.quote;
	}

}
