package io.election.store.jdbc;

import java.io.IOException;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
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

	private long deadline;

	/** Whether a statement succeeded since the time was limited. */
	private boolean alive;

	private boolean repeating;

	private Session(Connection connection, @Nullable Socket socket, long deadline) {
		this.connection = connection;
		this.socket = socket;
		this.deadline = deadline;
	}

	/**
	 * Connects within the given time.
	 * @param properties of the driver; they overrule those in the URL
	 */
	static Session connect(JdbcSettings settings, Properties properties, Duration limit) throws SQLException {
		if (limit.toMillis() <= 0) {
			throw new SQLTimeoutException("No time is left to connect");
		}
		long deadline = System.nanoTime() + limit.toNanos();
		Properties all = new Properties();
		all.putAll(settings.driverProperties());
		if (settings.username() != null) {
			all.setProperty("user", settings.username());
		}
		if (settings.password() != null) {
			all.setProperty("password", settings.password());
		}
		Set<String> ours = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		ours.addAll(properties.stringPropertyNames());
		String url = without(settings.url(), ours, all);
		all.keySet().removeIf((name) -> ours.contains((String) name));
		all.putAll(properties);
		Driver driver = driver(settings.driverClassName(), url);
		MariaDbSockets.offer(driver, url, all);
		Connection connection = driver.connect(url, all);
		if (connection == null) {
			throw new SQLException("The driver does not accept this URL");
		}
		Session session = new Session(connection, MariaDbSockets.takeLatest(), deadline);
		try {
			connection.setAutoCommit(true);
		}
		catch (SQLException ex) {
			session.abort();
			throw ex;
		}
		return session;
	}

	private static Driver driver(@Nullable String className, String url) throws SQLException {
		try {
			return (className == null) ? DriverManager.getDriver(url)
					: Class.forName(className).asSubclass(Driver.class).getDeclaredConstructor().newInstance();
		}
		catch (SQLException ex) {
			throw new SQLException("There is no driver that understands the URL", ex);
		}
		catch (ReflectiveOperationException | ClassCastException ex) {
			throw new SQLException("The driver " + className + " cannot be used", ex);
		}
	}

	/**
	 * The URL without parameters that drivers would let win over properties, and without
	 * passwords, which become properties: drivers show the URL in messages.
	 */
	private static String without(String url, Set<String> parameters, Properties properties) {
		int start = url.indexOf('?');
		if (start < 0) {
			return url;
		}
		StringJoiner rest = new StringJoiner("&", url.substring(0, start + 1), "");
		for (String parameter : url.substring(start + 1).split("&", -1)) {
			int end = parameter.indexOf('=');
			String name = (end < 0) ? parameter : parameter.substring(0, end);
			if (end >= 0 && name.toLowerCase(Locale.ROOT).contains("password")) {
				properties.setProperty(name, URLDecoder.decode(parameter.substring(end + 1), StandardCharsets.UTF_8));
			}
			else if (!parameters.contains(name)) {
				rest.add(parameter);
			}
		}
		return rest.toString();
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
			else {
				this.connection.abort(Runnable::run);
			}
		}
		catch (SQLException | IOException ex) {
			throw new IllegalStateException("A connection could not be closed", ex);
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
