package io.election.store.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.election.testing.servers.MySqlDriver;
import io.election.testing.servers.MySqlServer;
import io.election.testing.servers.MySqlVersion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What tests do with a MySQL or MariaDB behind the back of a store.
 *
 * @param server the server
 */
record MySql(MySqlServer server) implements Database {

	private static final int NO_SUCH_THREAD = 1094;

	static JdbcSettings settings(String url, String username, String password, boolean initializeSchema) {
		return new JdbcSettings(url, null, username, password, Map.of(), null, JdbcSettings.TABLE_PREFIX,
				initializeSchema, 1);
	}

	@Override
	public JdbcSettings settings() {
		return settings(this.server.jdbcUrl());
	}

	@Override
	public JdbcSettings settings(String url) {
		return settings(url, this.server.username(), this.server.password(), true);
	}

	@Override
	public void pass(Duration time) {
		String earlier = " - INTERVAL " + time.toMillis() * 1000 + " MICROSECOND";
		this.server.execute("UPDATE election_lease SET renewed_at = renewed_at" + earlier,
				"UPDATE election_candidate SET last_seen = last_seen" + earlier);
	}

	@Override
	public void terminateSessions() throws SQLException {
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			String others = " FROM information_schema.processlist WHERE user = '" + this.server.username()
					+ "' AND id <> CONNECTION_ID()";
			List<Long> sessions = new ArrayList<>();
			try (ResultSet result = statement.executeQuery("SELECT id" + others)) {
				while (result.next()) {
					sessions.add(result.getLong(1));
				}
			}
			for (long session : sessions) {
				kill(statement, session);
			}
			await().untilAsserted(() -> {
				try (ResultSet result = statement.executeQuery("SELECT id" + others)) {
					while (result.next()) {
						assertThat(sessions).doesNotContain(result.getLong(1));
					}
				}
			});
		}
	}

	private static void kill(Statement statement, long session) throws SQLException {
		try {
			statement.execute("KILL " + session);
		}
		catch (SQLException ex) {
			assertThat(ex.getErrorCode()).isEqualTo(NO_SUCH_THREAD);
		}
	}

	@Override
	public String inShareMode() {
		return "LOCK IN SHARE MODE";
	}

	/**
	 * Servers, each with a driver.
	 */
	enum Kind {

		/** MySQL with its own driver. */
		MYSQL(MySqlVersion.MYSQL_9, MySqlDriver.CONNECTOR_J),

		/** MySQL with MariaDB's driver. */
		MYSQL_MARIADB_DRIVER(MySqlVersion.MYSQL_9, MySqlDriver.MARIADB),

		/** MariaDB with MySQL's driver. */
		MARIADB_MYSQL_DRIVER(MySqlVersion.MARIADB_10_11, MySqlDriver.CONNECTOR_J),

		/** MariaDB with its own driver. */
		MARIADB(MySqlVersion.MARIADB_10_11, MySqlDriver.MARIADB);

		private final MySqlVersion version;

		final MySqlDriver driver;

		Kind(MySqlVersion version, MySqlDriver driver) {
			this.version = version;
			this.driver = driver;
		}

		/** A server that is yet to be started. */
		MySqlServer server() {
			return new MySqlServer(this.version).driver(this.driver);
		}

	}

}
