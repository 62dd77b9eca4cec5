package io.election.store.jdbc;

import java.time.Duration;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.election.store.Backend;
import io.election.store.ElectionNames;
import io.election.store.LeaseStore;

/**
 * Keeps elections in tables of PostgreSQL, MySQL or MariaDB, on connections of its own:
 * an application that drains its pool must not lose its leases.
 */
public final class JdbcBackend implements Backend {

	/**
	 * Drivers that add to another one put their own name in front, as in
	 * {@code jdbc:otel:postgresql:}.
	 */
	private static final Pattern PROTOCOL_OF_POSTGRES = Pattern.compile("jdbc:(.*:)?postgresql:");

	private static final Pattern PROTOCOL_OF_MYSQL = Pattern.compile("jdbc:(.*:)?(mysql|mysql\\+srv|mariadb):");

	private final Dialect dialect;

	/**
	 * Makes a backend, without contact to the server.
	 * @param settings how to reach it
	 * @throws IllegalArgumentException if a setting cannot be used, with a message that
	 * names the property
	 */
	public JdbcBackend(JdbcSettings settings) {
		this.dialect = dialect(settings);
	}

	/**
	 * Tells which kind of database a URL is for.
	 * @param url the JDBC URL
	 * @return the value of {@code election.backend} for it, {@code null} if there is none
	 */
	public static @Nullable String nameFor(String url) {
		int end = url.indexOf("//");
		String protocol = (end >= 0) ? url.substring(0, end) : url;
		if (PROTOCOL_OF_POSTGRES.matcher(protocol).lookingAt()) {
			return PostgresDialect.NAME;
		}
		return PROTOCOL_OF_MYSQL.matcher(protocol).lookingAt() ? MySqlDialect.NAME : null;
	}

	private static Dialect dialect(JdbcSettings settings) {
		String name = nameFor(settings.url());
		if (name == null) {
			throw new IllegalArgumentException(
					"\"" + settings.shownUrl() + "\" is no JDBC URL of PostgreSQL, MySQL or MariaDB");
		}
		return name.equals(MySqlDialect.NAME) ? new MySqlDialect(settings) : new PostgresDialect(settings);
	}

	@Override
	public String name() {
		return this.dialect.name();
	}

	@Override
	public void checkName(String election) {
		ElectionNames.check(election);
	}

	@Override
	public int watchers() {
		return this.dialect.watchers();
	}

	@Override
	public String adviceOnLocks() {
		return this.dialect.adviceOnLocks();
	}

	@Override
	public LeaseStore open(Duration requestTimeout) {
		return new JdbcLeaseStore(this.dialect, requestTimeout);
	}

}
