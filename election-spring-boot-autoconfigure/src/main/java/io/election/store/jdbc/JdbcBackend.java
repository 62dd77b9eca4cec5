package io.election.store.jdbc;

import java.time.Duration;

import io.election.store.Backend;
import io.election.store.ElectionNames;
import io.election.store.LeaseStore;

/**
 * Keeps elections in tables of PostgreSQL, MySQL or MariaDB, on connections of its own:
 * an application that drains its pool must not lose its leases.
 */
public final class JdbcBackend implements Backend {

	private final Dialect dialect;

	/**
	 * Makes a backend, without contact to the server.
	 * @param settings how to reach it
	 * @throws IllegalArgumentException if a setting cannot be used, with a message that
	 * names the property
	 */
	public JdbcBackend(JdbcSettings settings) {
		this.dialect = Dialect.of(settings);
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
	public LeaseStore open(Duration requestTimeout) {
		return new JdbcLeaseStore(this.dialect, requestTimeout);
	}

}
