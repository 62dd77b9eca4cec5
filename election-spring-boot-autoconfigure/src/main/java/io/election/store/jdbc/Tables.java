package io.election.store.jdbc;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The names of the tables. SQL is written with the default names, which are replaced by
 * the configured ones.
 *
 * @param schema their schema, {@code null} for the connection's own
 * @param prefix what their names begin with
 * @param quote what the database quotes names with
 */
record Tables(@Nullable String schema, String prefix, String quote) {

	private static final Pattern DEFAULT_NAME = Pattern.compile("\\belection_(lease|fence|candidate)\\b");

	private static final Pattern SCHEMA = Pattern.compile("[A-Za-z_][A-Za-z0-9_$-]{0,62}");

	/** Leaves room for the rest of the name and for the suffixes of its indexes. */
	private static final Pattern PREFIX = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,39}");

	Tables {
		if (schema != null && !SCHEMA.matcher(schema).matches()) {
			throw new IllegalArgumentException("election.jdbc.schema is \"" + schema
					+ "\" but must be 1 to 63 letters, digits, '_', '$' or '-', the first a letter or '_'");
		}
		if (!PREFIX.matcher(prefix).matches()) {
			throw new IllegalArgumentException("election.jdbc.table-prefix is \"" + prefix
					+ "\" but must be 1 to 40 letters, digits or '_', the first no digit");
		}
	}

	/** The SQL with the names of the tables as configured. */
	String in(String sql) {
		return DEFAULT_NAME.matcher(sql).replaceAll((match) -> Matcher.quoteReplacement(name(match.group(1))));
	}

	private String name(String table) {
		return ((this.schema != null) ? quoted(this.schema) + "." : "") + quoted(this.prefix + table);
	}

	private String quoted(String name) {
		return this.quote + name + this.quote;
	}

}
