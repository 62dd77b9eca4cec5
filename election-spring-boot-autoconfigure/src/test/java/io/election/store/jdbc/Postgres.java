package io.election.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

import io.election.testing.servers.PostgresServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What tests do with a PostgreSQL behind the back of a store, as its superuser.
 *
 * @param server the server
 */
record Postgres(PostgresServer server) implements Database {

	/** The DDL as it is shipped. */
	static String schema() {
		try (InputStream file = Postgres.class.getResourceAsStream("schema-postgresql.sql")) {
			assertThat(file).isNotNull();
			return new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public JdbcSettings settings() {
		return settings(this.server.jdbcUrl());
	}

	@Override
	public JdbcSettings settings(String url) {
		return settings(url, this.server.username(), this.server.password(), true);
	}

	static JdbcSettings settings(String url, String username, String password, boolean initializeSchema) {
		return new JdbcSettings(url, null, username, password, Map.of(), null, JdbcSettings.TABLE_PREFIX,
				initializeSchema, 1);
	}

	@Override
	public void pass(Duration time) {
		String earlier = " - interval '" + time.toMillis() + " milliseconds'";
		this.server.execute("UPDATE election_lease SET renewed_at = renewed_at" + earlier,
				"UPDATE election_candidate SET last_seen = last_seen" + earlier);
	}

	@Override
	public void terminateSessions() {
		this.server.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
				+ " WHERE application_name = 'election'");
	}

	@Override
	public String countOfSessions() {
		return "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'election'";
	}

	@Override
	public Lock lockTable(String table) throws SQLException {
		return lock("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
	}

	@Override
	public String inShareMode() {
		return "FOR SHARE";
	}

}
