package io.election.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.election.testing.servers.MySqlDriver;
import io.election.testing.servers.MySqlServer;
import io.election.testing.servers.MySqlVersion;
import io.election.testing.servers.TestedServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What tests do with a MySQL or MariaDB behind the back of a store.
 *
 * @param server the server
 */
record MySql(MySqlServer server) implements Database {

	/** Whose sessions are not those of stores. */
	private static final String TESTER = "tester";

	private static final int NO_SUCH_THREAD = 1094;

	/** Starts a server. */
	static MySql start(MySqlServer server) {
		server.start();
		server.createUser(TESTER, server.password());
		server.execute("GRANT ALL ON *.* TO " + TESTER);
		return new MySql(server);
	}

	/** The DDL as it is shipped. */
	static String schema() {
		try (InputStream file = MySql.class.getResourceAsStream("schema-mysql.sql")) {
			assertThat(file).isNotNull();
			return new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static JdbcSettings settings(String url, String username, @Nullable String password, boolean initializeSchema) {
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
		terminateSessions(this.server.username());
	}

	void terminateSessions(String user) throws SQLException {
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			String others = " FROM information_schema.processlist WHERE user = '" + user + "'";
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
	public Connection connect() throws SQLException {
		return DriverManager.getConnection(this.server.jdbcUrl(), TESTER, this.server.password());
	}

	@Override
	public String countOfSessions() {
		return "SELECT COUNT(*) FROM information_schema.processlist WHERE user = '" + this.server.username() + "'";
	}

	@Override
	public Lock lockTable(String table) throws SQLException {
		return lock("LOCK TABLES " + table + " WRITE");
	}

	@Override
	public String inShareMode() {
		return "LOCK IN SHARE MODE";
	}

	/**
	 * Servers, each with a driver.
	 */
	enum Kind implements TestedServer {

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

		boolean isMariaDb() {
			return this.version == MySqlVersion.MARIADB_10_11;
		}

		/** Whether it has its own driver. */
		@Override
		public boolean isNewest() {
			return this == MYSQL || this == MARIADB;
		}

		/** A server that is yet to be started. */
		MySqlServer server() {
			return new MySqlServer(this.version).driver(this.driver);
		}

	}

}
