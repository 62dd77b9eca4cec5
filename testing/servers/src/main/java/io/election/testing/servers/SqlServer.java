package io.election.testing.servers;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A real SQL database that is reached with JDBC.
 */
public abstract class SqlServer extends TestServer {

	SqlServer(String name) {
		super(name);
	}

	/**
	 * Log every statement, for {@link #statements()}.
	 * @return this server
	 */
	public abstract SqlServer logStatements();

	/**
	 * Return a user who may do everything.
	 * @return the name
	 */
	public abstract String username();

	public abstract String password();

	/**
	 * Return the name of the default database.
	 * @return the name
	 */
	abstract String database();

	abstract String jdbcUrl(int port, String database);

	/**
	 * Return the URL of the default database.
	 * @return the URL
	 */
	public String jdbcUrl() {
		return jdbcUrl(database());
	}

	public String jdbcUrl(String database) {
		return jdbcUrl(port(), database);
	}

	/**
	 * Return the URL that reaches this server through a proxy in front of it.
	 * @param proxy the proxy
	 * @return the URL
	 */
	public String jdbcUrl(FaultProxy proxy) {
		return jdbcUrl(proxy, database());
	}

	/**
	 * Return the URL that reaches a database through a proxy in front of this server.
	 * @param proxy the proxy
	 * @param database the name of the database
	 * @return the URL
	 */
	public String jdbcUrl(FaultProxy proxy, String database) {
		return jdbcUrl(proxy.port(), database);
	}

	/**
	 * Create a database.
	 * @param name its name
	 * @return the URL of the database
	 */
	public abstract String createDatabase(String name);

	/**
	 * Create a user who may connect, and nothing else.
	 * @param name the user's name
	 * @param password the password
	 */
	public abstract void createUser(String name, String password);

	/**
	 * Execute statements in the default database, each in a transaction of its own.
	 * @param statements the statements
	 */
	public abstract void execute(String... statements);

	/**
	 * Return what a query in the default database answers: the first column of the first
	 * row.
	 * @param sql the query
	 * @return the value, or {@code null} if there is no row or the value is null
	 */
	public abstract @Nullable String query(String sql);

	/**
	 * Return the statements that the server has executed so far, those of
	 * {@link #execute} and {@link #query} excepted.
	 * @return the statements, in order
	 * @see #logStatements()
	 */
	public abstract List<Statement> statements();

	final IllegalStateException notLogged() {
		return new IllegalStateException("Call logStatements() before start()");
	}

}
