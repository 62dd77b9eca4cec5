package io.election.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
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
record Postgres(PostgresServer server) {

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

	JdbcSettings settings() {
		return settings(this.server.jdbcUrl());
	}

	JdbcSettings settings(String url) {
		return settings(url, this.server.username(), this.server.password(), true);
	}

	static JdbcSettings settings(String url, String username, String password, boolean initializeSchema) {
		return new JdbcSettings(url, null, username, password, Map.of(), null, JdbcSettings.TABLE_PREFIX,
				initializeSchema);
	}

	/** Executes a statement whose only parameter is the name of an election. */
	void update(String sql, String election) throws SQLException {
		try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setString(1, election);
			assertThat(statement.executeUpdate()).isEqualTo(1);
		}
	}

	void deleteRecord(String election) throws SQLException {
		update("DELETE FROM election_lease WHERE name = ?", election);
	}

	void pass(Duration time) {
		String earlier = " - interval '" + time.toMillis() + " milliseconds'";
		this.server.execute("UPDATE election_lease SET renewed_at = renewed_at" + earlier,
				"UPDATE election_candidate SET last_seen = last_seen" + earlier);
	}

	void terminateSessions() {
		this.server.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
				+ " WHERE application_name = 'election'");
	}

	/** Locks the row of an election until closed. */
	Lock lock(String table, String election) throws SQLException {
		return lock("SELECT * FROM " + table + " WHERE name = '" + election.replace("'", "''") + "' FOR SHARE");
	}

	/** Holds the locks that a statement takes until closed. */
	Lock lock(String sql) throws SQLException {
		Connection connection = connect();
		connection.setAutoCommit(false);
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.execute();
		}
		return new Lock(connection);
	}

	private Connection connect() throws SQLException {
		return DriverManager.getConnection(this.server.jdbcUrl(), this.server.username(), this.server.password());
	}

	/**
	 * A transaction that holds locks.
	 *
	 * @param connection its connection
	 */
	record Lock(Connection connection) implements AutoCloseable {

		@Override
		public void close() throws SQLException {
			// The server notices the end of a connection some time later
			this.connection.rollback();
			this.connection.close();
		}

	}

}
