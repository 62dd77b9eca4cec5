package io.election.store.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

import io.election.testing.servers.SqlServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What tests do with a database behind the back of a store, as a user who may do
 * everything.
 */
interface Database {

	SqlServer server();

	JdbcSettings settings();

	JdbcSettings settings(String url);

	/** Makes everything in the tables look older. */
	void pass(Duration time);

	/** Ends the sessions of all stores. */
	void terminateSessions() throws SQLException;

	/** A query for how many sessions stores have. */
	String countOfSessions();

	/** Locks a table until closed. */
	Lock lockTable(String table) throws SQLException;

	/** The end of a query whose rows nobody may change. */
	String inShareMode();

	/** Executes a statement whose only parameter is the name of an election. */
	default void update(String sql, String election) throws SQLException {
		try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setString(1, election);
			assertThat(statement.executeUpdate()).isEqualTo(1);
		}
	}

	default void deleteRecord(String election) throws SQLException {
		update("DELETE FROM election_lease WHERE name = ?", election);
	}

	default void touchRecord(String election) throws SQLException {
		update("UPDATE election_lease SET revision = revision + 1 WHERE name = ?", election);
	}

	/** Locks the row of an election until closed. */
	default Lock lock(String table, String election) throws SQLException {
		return lock("SELECT * FROM " + table + " WHERE name = '" + election.replace("'", "''") + "' " + inShareMode());
	}

	/** Holds the locks that a statement takes until closed. */
	default Lock lock(String sql) throws SQLException {
		Connection connection = connect();
		connection.setAutoCommit(false);
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.execute();
		}
		return new Lock(connection);
	}

	default Connection connect() throws SQLException {
		return DriverManager.getConnection(server().jdbcUrl(), server().username(), server().password());
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
