package io.election.testing.servers;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link PostgresServer}, with real servers.
 */
class PostgresServerIT {

	@ParameterizedTest
	@EnumSource
	void answersQueriesOnceItIsStarted(PostgresVersion version) {
		try (PostgresServer server = new PostgresServer(version).start()) {
			assertThat(server.query("show server_version")).startsWith(version.toString());
			assertThat(server.query("show fsync")).isEqualTo("on");
			assertThat(server.logErrors()).isEmpty();
		}
	}

	@Test
	void showsItsLogWhenItCannotStart() {
		PostgresServer server = new PostgresServer(PostgresVersion.V18).setting("shared_buffers", "none");
		assertThatIllegalStateException().isThrownBy(server::start)
			.withMessageContaining("invalid value for parameter \"shared_buffers\"");
	}

	@Test
	void tellsWhichStatementsWereExecutedByWhom() throws SQLException {
		try (PostgresServer server = new PostgresServer(PostgresVersion.V18).logStatements().start()) {
			server.execute("create table t (n int)");
			try (Connection one = connect(server.jdbcUrl() + "?ApplicationName=one", server);
					Connection two = connect(server.jdbcUrl() + "?ApplicationName=two", server)) {
				one.setAutoCommit(false);
				execute(one, "insert into t\nvalues (1)");
				one.commit();
				execute(two, "select 2");
			}
			assertThat(server.statements().stream().filter((statement) -> statement.application().equals("one")))
				.extracting(Statement::sql)
				.endsWith("BEGIN", "insert into t\nvalues (1)", "COMMIT");
			assertThat(server.statements()).noneMatch((statement) -> statement.sql().startsWith("create table"))
				.last()
				.satisfies((statement) -> {
					assertThat(statement.application()).isEqualTo("two");
					assertThat(statement.sql()).isEqualTo("select 2");
				});
		}
	}

	@Test
	void tellsErrorsFromTheRestOfItsLog() {
		try (PostgresServer server = new PostgresServer(PostgresVersion.V18).start()) {
			assertThatIllegalStateException().isThrownBy(() -> server.execute("select nothing"));
			assertThat(server.logErrors()).singleElement().asString().contains("column \"nothing\" does not exist");
			assertThat(server.log()).anyMatch((line) -> line.contains("ready to accept connections"));
		}
	}

	@Test
	void createsDatabasesAndCountsStatementsByExtension() throws SQLException {
		try (PostgresServer server = new PostgresServer(PostgresVersion.V18)
			.setting("shared_preload_libraries", "pg_stat_statements")
			.start()) {
			server.execute("create extension pg_stat_statements");
			try (Connection connection = connect(server.createDatabase("other"), server)) {
				assertThat(connection.getCatalog()).isEqualTo("other");
			}
			assertThat(server.query("select count(*) from pg_stat_statements")).isNotEqualTo("0");
		}
	}

	private static Connection connect(String url, PostgresServer server) throws SQLException {
		return DriverManager.getConnection(url, server.username(), server.password());
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (java.sql.Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
