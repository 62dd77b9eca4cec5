package io.election.testing.integration;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.MySqlDriver;
import io.election.testing.servers.MySqlServer;
import io.election.testing.servers.MySqlVersion;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;
import io.election.testing.servers.SqlServer;
import io.election.testing.servers.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A database with tables of elections.
 */
public final class ElectionDatabase implements ElectionServer {

	private static final Pattern VERB = Pattern.compile("(UPDATE|DELETE FROM|INSERT INTO|LISTEN) \"?election\\w*");

	private final String backend;

	private final SqlServer server;

	private ElectionDatabase(String backend, SqlServer server) {
		this.backend = backend;
		this.server = server;
	}

	/**
	 * A PostgreSQL.
	 * @return the database, not started yet
	 */
	public static ElectionDatabase postgres() {
		return new ElectionDatabase("postgres", new PostgresServer(PostgresVersion.V18));
	}

	/**
	 * A MySQL.
	 * @return the database, not started yet
	 */
	public static ElectionDatabase mysql() {
		return new ElectionDatabase("mysql", new MySqlServer(MySqlVersion.MYSQL_9));
	}

	/**
	 * A MariaDB, reached with its own driver.
	 * @return the database, not started yet
	 */
	public static ElectionDatabase mariadb() {
		return new ElectionDatabase("mysql", new MySqlServer(MySqlVersion.MARIADB_10_11).driver(MySqlDriver.MARIADB));
	}

	@Override
	public SqlServer server() {
		return this.server;
	}

	@Override
	public List<String> connection(@Nullable FaultProxy proxy) {
		String url = (proxy != null) ? this.server.jdbcUrl(proxy) : this.server.jdbcUrl();
		return List.of("election.backend=" + this.backend, "election.jdbc.url=" + url,
				"election.jdbc.username=" + this.server.username(), "election.jdbc.password=" + this.server.password());
	}

	@Override
	public void countRequests() {
		this.server.logStatements();
	}

	/** Statements; a {@code BEGIN} or a {@code COMMIT} counts, too. */
	@Override
	public Map<String, Long> requests() {
		Map<String, Long> requests = new TreeMap<>();
		this.server.statements().forEach((statement) -> requests.merge(kind(statement), 1L, Long::sum));
		return requests;
	}

	/** Enough of a statement to tell it from others. */
	private static String kind(Statement statement) {
		Matcher verb = VERB.matcher(statement.sql());
		return verb.find() ? verb.group() : statement.sql().lines().findFirst().orElse("");
	}

	@Override
	public String toString() {
		return this.backend;
	}

}
