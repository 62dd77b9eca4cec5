package io.election.store.jdbc;

import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A connection, and the time that is left for the call that uses it. Only {@link #abort}
 * may be called by another thread.
 */
final class Session {

	private final Connection connection;

	/** Its socket, where that is better closed by hand. */
	private final @Nullable Socket socket;

	/** Whether a pool waits for it to be given back. */
	private final boolean borrowed;

	private long deadline;

	/** Whether a statement succeeded since the time was limited. */
	private boolean alive;

	private boolean repeating;

	Session(Connection connection, @Nullable Socket socket, long deadline) {
		this(connection, socket, false, deadline);
	}

	private Session(Connection connection, @Nullable Socket socket, boolean borrowed, long deadline) {
		this.connection = connection;
		this.socket = socket;
		this.borrowed = borrowed;
		this.deadline = deadline;
	}

	/** A session on a connection that has to be given back. */
	static Session ofDataSource(Connection connection, long deadline) {
		return new Session(connection, null, true, deadline);
	}

	/** Does with a new connection what is to be done with each. */
	Session prepare(JdbcConnectionSetup setup) throws SQLException {
		boolean done = false;
		try {
			this.connection.setAutoCommit(true);
			if (setup.catalog() != null) {
				this.connection.setNetworkTimeout(Runnable::run, millisLeft());
				this.connection.setCatalog(setup.catalog());
			}
			if (setup.schema() != null) {
				this.connection.setNetworkTimeout(Runnable::run, millisLeft());
				this.connection.setSchema(setup.schema());
			}
			if (setup.sql() != null) {
				this.connection.setNetworkTimeout(Runnable::run, millisLeft());
				try (Statement statement = this.connection.createStatement()) {
					statement.execute(setup.sql());
				}
			}
			done = true;
			return this;
		}
		finally {
			if (!done) {
				abort();
			}
		}
	}

	/** The URL that the driver says it is connected to, {@code null} if it does not. */
	@Nullable String url() throws SQLException {
		return this.connection.getMetaData().getURL();
	}

	/** Gives the statements to come this much time in all. */
	void limit(Duration limit) {
		this.deadline = System.nanoTime() + limit.toNanos();
		this.alive = false;
		this.repeating = false;
	}

	/** Whether not even the first statement succeeded since the time was limited. */
	boolean failedAtFirst() {
		return !this.alive;
	}

	/** What is done from now on may have been done before, on another connection. */
	void repeat() {
		this.repeating = true;
	}

	/** Whether what a statement finds may be its own doing. */
	boolean isRepeating() {
		return this.repeating;
	}

	/**
	 * Executes a statement, and waits for the server no longer than there is time left.
	 * @param rows called with each row of its result
	 * @param arguments of type String, Long, String[] or Long[]
	 */
	void query(String sql, RowHandler rows, Object... arguments) throws SQLException {
		run(sql, rows, arguments);
	}

	/**
	 * Executes a statement without a result.
	 * @return how many rows it changed
	 */
	long execute(String sql, Object... arguments) throws SQLException {
		return run(sql, (row) -> {
		}, arguments);
	}

	private long run(String sql, RowHandler rows, Object... arguments) throws SQLException {
		this.connection.setNetworkTimeout(Runnable::run, millisLeft());
		try (PreparedStatement statement = this.connection.prepareStatement(sql)) {
			for (int i = 0; i < arguments.length; i++) {
				set(statement, i + 1, arguments[i]);
			}
			boolean hasRows = statement.execute();
			this.alive = true;
			if (!hasRows) {
				return statement.getUpdateCount();
			}
			ResultSet result = statement.getResultSet();
			while (result.next()) {
				rows.accept(result);
			}
			return 0;
		}
	}

	private void set(PreparedStatement statement, int index, Object argument) throws SQLException {
		if (argument instanceof String[] texts) {
			statement.setArray(index, this.connection.createArrayOf("text", texts));
		}
		else if (argument instanceof Long[] numbers) {
			statement.setArray(index, this.connection.createArrayOf("bigint", numbers));
		}
		else if (argument instanceof Long number) {
			statement.setLong(index, number);
		}
		else {
			statement.setString(index, (String) argument);
		}
	}

	private int millisLeft() throws SQLException {
		long millis = TimeUnit.NANOSECONDS.toMillis(this.deadline - System.nanoTime());
		if (millis <= 0) {
			throw new SQLTimeoutException("No answer in time");
		}
		return (int) millis;
	}

	<T> T unwrap(Class<T> type) throws SQLException {
		return this.connection.unwrap(type);
	}

	/** Ends the connection without a word to the server, which may not listen. */
	void abort() {
		try {
			if (this.socket != null) {
				this.socket.close();
			}
			else if (!this.borrowed || !this.connection.isClosed()) {
				this.connection.abort(Runnable::run);
			}
		}
		catch (SQLException | IOException ex) {
			throw new IllegalStateException("A connection could not be closed", ex);
		}
		finally {
			if (this.borrowed) {
				giveBack();
			}
		}
	}

	/**
	 * A pool counts a connection as used until it is closed, and may take it for alive
	 * until a call of it fails.
	 */
	private void giveBack() {
		try {
			this.connection.setAutoCommit(true);
		}
		catch (SQLException ex) {
			// Meant for the pool
		}
		try {
			this.connection.close();
		}
		catch (SQLException ex) {
			// That it is dead, which is what it is given back for
		}
	}

	/**
	 * Takes a row of a result.
	 */
	@FunctionalInterface
	interface RowHandler {

		void accept(ResultSet row) throws SQLException;

	}

}
