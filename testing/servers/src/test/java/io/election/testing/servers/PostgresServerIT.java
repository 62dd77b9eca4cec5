package io.election.testing.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link PostgresServer}, with real servers.
 */
class PostgresServerIT {

	private static final Duration LIMIT = Duration.ofSeconds(30);

	@ParameterizedTest
	@EnumSource
	void answersQueriesOnceItIsStarted(PostgresVersion version) {
		try (PostgresServer server = new PostgresServer(version).start()) {
			assertThat(server.query("show server_version")).startsWith(version.toString());
			assertThat(server.query("show fsync")).isEqualTo("on");
			assertThat(server.logErrors()).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource
	void keepsDataAndPortWhenKilledAndStarted(PostgresVersion version) {
		try (PostgresServer server = new PostgresServer(version).start()) {
			int port = server.port();
			server.execute("create table t (n int)", "insert into t values (42)");
			server.kill();
			assertThat(server.isRunning()).isFalse();
			assertThatIllegalStateException().isThrownBy(() -> server.query("select 1"));
			server.start();
			assertThat(server.port()).isEqualTo(port);
			assertThat(server.query("select n from t")).isEqualTo("42");
			assertThat(server.logErrors()).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource
	void keepsDataAndPortWhenRestarted(PostgresVersion version) {
		try (PostgresServer server = new PostgresServer(version).start()) {
			int port = server.port();
			server.execute("create table t (n int)", "insert into t values (42)");
			server.restart();
			assertThat(server.port()).isEqualTo(port);
			assertThat(server.query("select n from t")).isEqualTo("42");
		}
	}

	@ParameterizedTest
	@EnumSource
	void answersNothingWhilePausedAndEverythingAfterwards(PostgresVersion version) throws Exception {
		try (PostgresServer server = new PostgresServer(version).start();
				Connection connection = connect(server.jdbcUrl(), server)) {
			server.pause();
			CompletableFuture<Boolean> answer = CompletableFuture.supplyAsync(() -> execute(connection, "select 1"));
			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> answer.get(500, TimeUnit.MILLISECONDS));
			server.resume();
			assertThat(answer.get(10, TimeUnit.SECONDS)).isTrue();
		}
	}

	@ParameterizedTest
	@EnumSource
	void diesWithItsJvmAndTakesItsFolderAlong(PostgresVersion version) {
		try (JavaProcess owner = start(version)) {
			Owned owned = owned(owner);
			assertThat(owned.processes()).hasSizeGreaterThan(2).allMatch(ProcessHandle::isAlive);
			owner.kill9();
			assertIsGone(owned);
		}
	}

	@Test
	void diesWithItsJvmEvenWhilePaused() {
		try (JavaProcess owner = start(PostgresVersion.V18, "pause")) {
			Owned owned = owned(owner);
			owner.awaitLine("paused"::equals, LIMIT);
			owner.kill9();
			assertIsGone(owned);
		}
	}

	@Test
	void canBeClosedInAnyState() {
		PostgresServer server = new PostgresServer(PostgresVersion.V18);
		server.close();
		server.start().pause();
		server.close();
		server.start().kill();
		server.close();
		server.start().stop();
		server.close();
		assertThat(server.isRunning()).isFalse();
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

	@Test
	void isReachedThroughAProxy() throws SQLException {
		try (PostgresServer server = new PostgresServer(PostgresVersion.V18).start();
				FaultProxy proxy = FaultProxy.to(server.port());
				Connection connection = connect(server.jdbcUrl(proxy), server)) {
			assertThat(execute(connection, "select 1")).isTrue();
			assertThat(proxy.connections()).isOne();
		}
	}

	private static JavaProcess start(PostgresVersion version, String... faults) {
		return JavaProcess.of(PostgresOwner.class).arguments(version.toString()).arguments(faults).start();
	}

	private static Owned owned(JavaProcess owner) {
		String folder = owner.awaitLine((line) -> line.startsWith("folder "), LIMIT).substring("folder ".length());
		ProcessHandle handle = ProcessHandle.of(owner.pid()).orElseThrow();
		// The supervising shells, the server and its sessions
		return new Owned(handle.descendants().toList(), Path.of(folder));
	}

	private static void assertIsGone(Owned owned) {
		boolean gone = Await.until(LIMIT,
				() -> owned.processes().stream().noneMatch(PostgresServerIT::runs) && Files.notExists(owned.folder()));
		assertThat(gone).as("gone: %s", owned).isTrue();
	}

	// Not a zombie, which waits for the machine's first process only
	private static boolean runs(ProcessHandle process) {
		try {
			String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
			return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
		}
		catch (IOException ex) {
			return process.isAlive();
		}
	}

	private static Connection connect(String url, PostgresServer server) throws SQLException {
		return DriverManager.getConnection(url, server.username(), server.password());
	}

	private static boolean execute(Connection connection, String sql) {
		try (java.sql.Statement statement = connection.createStatement()) {
			statement.execute(sql);
			return true;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private record Owned(List<ProcessHandle> processes, Path folder) {

	}

	/**
	 * Owns a server, and is killed.
	 */
	static final class PostgresOwner {

		private PostgresOwner() {
		}

		public static void main(String[] args) throws InterruptedException {
			PostgresServer server = new PostgresServer(PostgresVersion.of(args[0])).start();
			System.out.println("folder " + Path.of(server.query("show data_directory")).getParent());
			if (args.length > 1) {
				server.pause();
				System.out.println("paused");
			}
			Thread.currentThread().join();
		}

	}

}
