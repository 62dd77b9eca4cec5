package io.election.testing.servers;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link MySqlServer}, with real servers.
 */
class MySqlServerIT {

	static Stream<Arguments> versionsAndDrivers() {
		return Stream.of(MySqlVersion.values())
			.flatMap((version) -> Stream.of(MySqlDriver.values()).map((driver) -> Arguments.of(version, driver)));
	}

	@ParameterizedTest
	@MethodSource("versionsAndDrivers")
	void tellsWhichStatementsWereExecutedByWhomWithEachDriver(MySqlVersion version, MySqlDriver driver)
			throws SQLException {
		try (MySqlServer server = new MySqlServer(version).driver(driver).logStatements().start()) {
			server.execute("create table t (n int)");
			server.createUser("someone", "it's secret");
			server.execute("grant select on t to someone");
			try (Connection one = connect(server.jdbcUrl(), server);
					Connection two = DriverManager.getConnection(server.jdbcUrl(), "someone", "it's secret")) {
				assertThat(one.getMetaData().getDriverName().contains("MariaDB"))
					.isEqualTo(driver == MySqlDriver.MARIADB);
				one.setAutoCommit(false);
				try (PreparedStatement insert = one.prepareStatement("insert into t\nvalues (?)")) {
					insert.setInt(1, 42);
					insert.execute();
				}
				one.commit();
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(two, "delete from t"))
					.withMessageContaining("DELETE command denied");
			}
			assertThat(server.query("select n from t")).isEqualTo("42");
			assertThat(server.statements().stream().filter((statement) -> statement.application().equals("election")))
				.extracting(Statement::sql)
				.anyMatch((sql) -> sql.matches("insert into t\nvalues \\(('?42'?|\\?)\\)"))
				.anyMatch("commit"::equalsIgnoreCase);
			assertThat(server.statements()).noneMatch((statement) -> statement.sql().startsWith("create table"))
				.noneMatch((statement) -> statement.sql().startsWith("select n"))
				.filteredOn((statement) -> statement.application().equals("someone"))
				.extracting(Statement::sql)
				.endsWith("delete from t");
			assertThat(server.logErrors()).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource
	void writesAsDurablyAsInProduction(MySqlVersion version) {
		try (MySqlServer server = new MySqlServer(version).start()) {
			assertThat(server.query("select @@innodb_flush_log_at_trx_commit")).isEqualTo("1");
			assertThat(server.query("select null")).isNull();
			assertThat(server.query("select 1 from dual where 1 = 0")).isNull();
		}
	}

	@ParameterizedTest
	@EnumSource
	void createsDatabasesAndCountsNoStatementTwiceAfterARestart(MySqlVersion version) throws SQLException {
		try (MySqlServer server = new MySqlServer(version).logStatements().start()) {
			String url = server.createDatabase("other");
			for (int i = 0; i < 2; i++) {
				try (Connection connection = connect(url, server)) {
					assertThat(connection.getCatalog()).isEqualTo("other");
					execute(connection, "select 'round'");
				}
				server.restart();
			}
			assertThat(server.statements()).filteredOn((statement) -> statement.sql().equals("select 'round'"))
				.hasSize(2);
			assertThatIllegalStateException().isThrownBy(() -> server.execute("select nothing"))
				.withMessageContaining("Unknown column 'nothing'");
		}
	}

	@Test
	void showsItsLogWhenItCannotStart() {
		MySqlServer server = new MySqlServer(MySqlVersion.MYSQL_9).setting("no_such_variable", "1");
		assertThatIllegalStateException().isThrownBy(server::start)
			.withMessageContaining("unknown variable 'no_such_variable=1'");
	}

	@Test
	void refusesToAskAServerThatIsPaused() {
		try (MySqlServer server = new MySqlServer(MySqlVersion.MARIADB_10_11).start()) {
			server.pause();
			assertThatIllegalStateException().isThrownBy(() -> server.query("select 1"))
				.withMessageContaining("paused");
		}
	}

	private static Connection connect(String url, MySqlServer server) throws SQLException {
		return DriverManager.getConnection(url, server.username(), server.password());
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (java.sql.Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
