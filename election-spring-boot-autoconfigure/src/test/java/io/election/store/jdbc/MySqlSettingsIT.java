package io.election.store.jdbc;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import io.election.OnEachVersion;
import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import io.election.store.UnusableBackendException;
import io.election.testing.servers.MySqlDriver;
import io.election.testing.servers.MySqlServer;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Settings of the store, of the URL and of the server, and what is said where they do not
 * fit.
 */
@OnEachVersion(MySql.Kind.class)
class MySqlSettingsIT {

	private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

	private static final String PASSWORD = "not-to-be-shown";

	private static MySqlServer server;

	private final MySql.Kind kind;

	private final String election = UUID.randomUUID().toString();

	MySqlSettingsIT(MySql.Kind kind) {
		this.kind = kind;
	}

	@BeforeParameterizedClassInvocation
	static void start(MySql.Kind kind) {
		server = MySql.start(kind.server()).server();
		server.createUser("limited", PASSWORD);
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		server.close();
	}

	@Test
	void whatTheUrlAsksForDoesNotMatter() throws Exception {
		assertWorks(settings(server.jdbcUrl() + "&autoReconnect=true&useAffectedRows=true&rewriteBatchedStatements=true"
				+ "&allowMultiQueries=true&useServerPrepStmts=false&cachePrepStmts=false&connectTimeout=1"
				+ "&socketTimeout=1&characterEncoding=ISO-8859-1&maxRows=1&useCursorFetch=true&defaultFetchSize=1"
				+ "&useLocalSessionState=true&connectionTimeZone=Asia/Tokyo&transactionReplay=true&tcpKeepAlive=false"
				+ "&autocommit=false&transactionIsolation=SERIALIZABLE&timezone=Asia/Tokyo&useBulkStmts=true"
				+ "&CONNECTTIMEOUT=1&sessionVariables=autocommit=0,time_zone='-11:00'," + isolation()
				+ "='SERIALIZABLE',sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,IGNORE_SPACE'"
				+ ",sql_safe_updates=1,sql_select_limit=1,wait_timeout=1,character_set_results='latin1'"
				+ ",innodb_lock_wait_timeout=100"));
	}

	@Test
	void whatTheDriversPropertiesAskForDoesNotMatter() throws Exception {
		assertWorks(new JdbcSettings(server.jdbcUrl(), null, server.username(), server.password(),
				Map.of("socketTimeout", "1", "CONNECTTIMEOUT", "1", "useServerPrepStmts", "false", "autocommit",
						"false", "maxRows", "1", "sessionVariables", "autocommit=0,sql_safe_updates=1"),
				null, JdbcSettings.TABLE_PREFIX, true, 1));
	}

	@Test
	void whatTheServersDefaultsAskForDoesNotMatter() throws Exception {
		server.execute("SET GLOBAL autocommit = 0", "SET GLOBAL time_zone = '-11:00'",
				"SET GLOBAL " + isolation() + " = 'SERIALIZABLE'", "SET GLOBAL sql_mode = 'ANSI_QUOTES'",
				"SET GLOBAL wait_timeout = 1", "SET GLOBAL character_set_server = latin1",
				"SET GLOBAL default_storage_engine = 'MyISAM'", "SET GLOBAL innodb_default_row_format = 'COMPACT'");
		try {
			String database = "defaults_" + this.kind.name().toLowerCase(Locale.ROOT);
			assertWorks(settings(server.createDatabase(database)));
			assertThat(server.query("SELECT COUNT(*) FROM information_schema.tables WHERE engine = 'InnoDB'"
					+ " AND table_collation LIKE 'utf8mb4%' AND table_schema = '" + database + "'"))
				.isEqualTo("3");
		}
		finally {
			server.restart();
		}
	}

	/** Only MariaDB's servers can impose one, and would do so without a word. */
	@Test
	void anImposedStorageEngineIsNamed() throws Exception {
		if (this.kind.isMariaDb()) {
			server.execute("SET GLOBAL enforce_storage_engine = 'Aria'");
			try (LeaseStore store = open(settings(server.createDatabase("imposed")))) {
				assertMessage(store, "NO_ENGINE_SUBSTITUTION", "need InnoDB");
			}
			finally {
				server.execute("SET GLOBAL enforce_storage_engine = NULL", "DROP DATABASE imposed");
			}
		}
	}

	/** What both call it. */
	private String isolation() {
		return this.kind.isMariaDb() ? "tx_isolation" : "transaction_isolation";
	}

	@Test
	void schemaAndPrefixAreConfigurable() throws Exception {
		server.createDatabase("My-Schema");
		assertWorks(new JdbcSettings(server.jdbcUrl(), null, server.username(), server.password(), Map.of(),
				"My-Schema", "LEADERS_", true, 1));
		assertThat(
				server.query("SELECT COUNT(*) FROM `My-Schema`.`LEADERS_lease` WHERE name = '" + this.election + "'"))
			.isEqualTo("1");
		try (LeaseStore other = open(settings(server.jdbcUrl()))) {
			assertThat(other.read(List.of(this.election))).containsValue(new LeaseRecord.Absent());
		}
	}

	@Test
	void aDriverMayBeNamed() throws Exception {
		String driver = (this.kind.driver == MySqlDriver.MARIADB) ? "org.mariadb.jdbc.Driver"
				: "com.mysql.cj.jdbc.Driver";
		assertWorks(new JdbcSettings(server.jdbcUrl(), driver, server.username(), server.password(), Map.of(), null,
				JdbcSettings.TABLE_PREFIX, true, 1));
	}

	@Test
	void aListOfCandidatesThatIsDeniedCostsElectionsNoConnection() throws Exception {
		try (LeaseStore store = open(settings(server.jdbcUrl()))) {
			store.read(List.of(this.election)); // creates the tables
		}
		server.createUser("partial", PASSWORD);
		server.execute("GRANT SELECT ON election.election_lease TO partial",
				"GRANT SELECT ON election.election_fence TO partial");
		try (LeaseStore store = open(MySql.settings(server.jdbcUrl(), "partial", PASSWORD, false))) {
			String sessions = "SELECT GROUP_CONCAT(id) FROM information_schema.processlist WHERE user = 'partial'";
			store.read(List.of(this.election));
			String before = server.query(sessions);
			assertThatExceptionOfType(UnusableBackendException.class).isThrownBy(() -> store.candidates(this.election));
			store.read(List.of(this.election));
			assertThat(server.query(sessions)).isEqualTo(before);
		}
	}

	@Test
	void ofSeveralHostsOneThatAnswersIsUsed() throws Exception {
		try (ServerSocket frozen = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			for (int port : new int[] { 1, frozen.getLocalPort() }) {
				String url = server.jdbcUrl();
				assertReads(url.replace("//", "//127.0.0.1:" + port + ","));
				assertReads(url.replaceFirst("//([^/]*)", "//$1,127.0.0.1:" + port));
				assertReads(url.replace("mariadb://", "mariadb:sequential://127.0.0.1:" + port + ","));
			}
		}
	}

	private void assertReads(String url) throws Exception {
		try (LeaseStore store = open(settings(url))) {
			assertThat(store.read(List.of(this.election))).containsValue(new LeaseRecord.Absent());
		}
	}

	@Test
	void manyStoresCreateTheTablesAtOnceWithoutAnError() throws Exception {
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			for (int round = 0; round < 5; round++) {
				JdbcSettings settings = settings(server.createDatabase("raced_" + round));
				CyclicBarrier start = new CyclicBarrier(8);
				List<Callable<Map<String, LeaseRecord>>> calls = new ArrayList<>();
				for (int i = 0; i < 8; i++) {
					calls.add(() -> {
						try (LeaseStore store = open(settings)) {
							start.await(20, TimeUnit.SECONDS);
							return store.read(List.of(this.election));
						}
					});
				}
				for (Future<Map<String, LeaseRecord>> read : threads.invokeAll(calls)) {
					assertThat(read.get()).containsValue(new LeaseRecord.Absent());
				}
			}
		}
		finally {
			threads.shutdown();
			for (int round = 0; round < 5; round++) {
				server.execute("DROP DATABASE IF EXISTS raced_" + round);
			}
		}
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void thatTablesAreCreatedIsLoggedAndNothingElse(CapturedOutput output) throws Exception {
		JdbcSettings settings = settings(server.createDatabase("created"));
		for (int i = 0; i < 2; i++) {
			try (LeaseStore store = open(settings)) {
				store.read(List.of(this.election));
			}
		}
		assertThat(output).containsOnlyOnce("Created the tables")
			.contains("election_lease, election_fence, election_candidate in schema 'created'",
					"election.jdbc.initialize-schema=never")
			.doesNotContain("doesn't exist");
	}

	@Test
	void tablesThatWereDroppedAreCreatedAnew() throws Exception {
		try (LeaseStore store = open(settings(server.createDatabase("dropped")))) {
			store.read(List.of(this.election));
			server.execute("DROP TABLE dropped.election_lease");
			assertUnusable(store, "doesn't exist");
			assertThat(store.read(List.of(this.election))).containsValue(new LeaseRecord.Absent());
		}
	}

	@Test
	void missingTablesAreNamed() throws Exception {
		JdbcSettings settings = MySql.settings(server.createDatabase("empty"), server.username(), server.password(),
				false);
		try (LeaseStore store = open(settings)) {
			assertUnusable(store, "empty.election_lease", "election.jdbc.initialize-schema=always",
					"io/election/store/jdbc/schema-mysql.sql");
		}
	}

	@Test
	void aMissingSchemaIsNamed() throws Exception {
		for (boolean initialize : new boolean[] { true, false }) {
			JdbcSettings settings = new JdbcSettings(server.jdbcUrl(), null, server.username(), server.password(),
					Map.of(), "nowhere", JdbcSettings.TABLE_PREFIX, initialize, 1);
			try (LeaseStore store = open(settings)) {
				assertUnusable(store, "nowhere", "election.jdbc.schema");
			}
		}
	}

	@Test
	void missingPrivilegesAreNamed() throws Exception {
		try (LeaseStore store = open(settings(server.jdbcUrl()))) {
			store.read(List.of(this.election));
		}
		server.execute("GRANT SELECT ON election.election_fence TO limited");
		try (LeaseStore store = open(MySql.settings(server.jdbcUrl(), "limited", PASSWORD, false))) {
			assertUnusable(store, "election_lease", "SELECT, INSERT and UPDATE on");
		}
	}

	@Test
	void aMissingPrivilegeToCreateTablesIsNamed() throws Exception {
		server.createDatabase("closed");
		server.execute("GRANT SELECT ON closed.* TO limited");
		JdbcSettings settings = new JdbcSettings(server.jdbcUrl("closed"), null, "limited", PASSWORD, Map.of(), null,
				JdbcSettings.TABLE_PREFIX, true, 1);
		try (LeaseStore store = open(settings)) {
			assertUnusable(store, "CREATE", "schema-mysql.sql");
		}
	}

	@Test
	void aWrongPasswordIsSaidAndNotShown() throws Exception {
		try (LeaseStore store = open(MySql.settings(server.jdbcUrl(), "limited", PASSWORD + "-wrong", true))) {
			assertUnusable(store, "Access denied for user 'limited'", "election.jdbc.password");
		}
		String url = server.jdbcUrl() + "&user=limited&password=" + PASSWORD + "-wrong";
		try (LeaseStore store = open(
				new JdbcSettings(url, null, null, null, Map.of(), null, JdbcSettings.TABLE_PREFIX, true, 1))) {
			assertUnusable(store, "Access denied for user 'limited'", server.jdbcUrl().replaceFirst("\\?.*", ""));
		}
	}

	@Test
	void aPasswordInTheUrlIsDecodedAsTheDriverDoes() throws Exception {
		server.createUser("plus", "a+b%25c");
		server.execute("GRANT ALL ON election.* TO plus");
		String encoded = (this.kind.driver == MySqlDriver.MARIADB) ? "a+b%25c" : "a%2Bb%2525c";
		String url = server.jdbcUrl() + "&user=plus&password=" + encoded;
		DriverManager.getConnection(url).close();
		assertWorks(new JdbcSettings(url, null, null, null, Map.of(), null, JdbcSettings.TABLE_PREFIX, true, 1));
	}

	@Test
	void anAdministratorsReadOnlyIsRespected() throws Exception {
		String readOnly = this.kind.isMariaDb() ? "tx_read_only" : "transaction_read_only";
		assertWorks(settings(server.jdbcUrl() + "&sessionVariables=" + readOnly + "=1"));
		server.execute("SET GLOBAL " + readOnly + " = ON");
		try (LeaseStore store = open(settings(server.jdbcUrl()))) {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> store.renew(List.of(new Lease(this.election, "nonce", 1, 1))))
				.withMessageContaining("The server is read-only")
				.withMessageContaining(readOnly.replace("tx_", "transaction_"));
			try (LeaseStore wanted = open(settings(server.jdbcUrl() + "&sessionVariables=" + readOnly + "=0"))) {
				assertThat(wanted.renew(List.of(new Lease(this.election, "nonce", 1, 1)))).hasSize(1);
			}
		}
		finally {
			server.execute("SET SESSION " + readOnly + " = OFF", "SET GLOBAL " + readOnly + " = OFF");
		}
	}

	@Test
	void whatThePoolDoesWithEachConnectionIsDone() throws Exception {
		server.createDatabase("of-the-pool");
		assertWorks(new JdbcSettings(server.jdbcUrl(), null,
				() -> new JdbcCredentials(server.username(), server.password()), Map.of(),
				new JdbcConnectionSetup("of-the-pool", null, "SET @told = 1"), null, null, JdbcSettings.TABLE_PREFIX,
				true, 1));
		assertThat(
				server.query("SELECT COUNT(*) FROM `of-the-pool`.election_lease WHERE name = '" + this.election + "'"))
			.isEqualTo("1");
	}

	@Test
	void connectionsOfADataSourceAreTakenAsTheyAreAndGivenBack() throws Exception {
		try (HikariDataSource pool = new HikariDataSource()) {
			pool.setJdbcUrl(server.jdbcUrl());
			pool.setUsername(server.username());
			pool.setPassword(server.password());
			pool.setMaximumPoolSize(1);
			for (int i = 0; i < 3; i++) {
				assertWorks(new JdbcSettings("jdbc:mysql:", null, () -> JdbcCredentials.NONE, Map.of(),
						JdbcConnectionSetup.NONE, pool, null, JdbcSettings.TABLE_PREFIX, true, 0));
				await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
				server.execute("DELETE FROM election_lease", "DELETE FROM election_fence");
			}
		}
	}

	@Test
	void aPasswordInTheUrlWins() throws Exception {
		server.createUser("strange", PASSWORD);
		server.execute("GRANT ALL ON election.* TO strange");
		assertWorks(MySql.settings(server.jdbcUrl() + "&password=" + PASSWORD, "strange", null, true));
	}

	@Test
	void aUrlThatTheDriverDoesNotUnderstandIsShownWithoutItsPassword() throws Exception {
		String url = protocol() + "//127.0.0.1:not-a-port/app";
		try (LeaseStore store = open(
				MySql.settings(url + "?password=" + PASSWORD + "&trustStorePassword=" + PASSWORD, "app", null, true))) {
			assertMessage(store, "MySQL at " + url);
		}
	}

	@Test
	void aServerThatCannotBeReachedIsNamed() throws Exception {
		for (String host : List.of("nowhere.invalid:3306", "127.0.0.1:1")) {
			String url = protocol() + "//" + host + "/app";
			try (LeaseStore store = open(MySql.settings(url + "?password=" + PASSWORD, "app", PASSWORD, true))) {
				assertMessage(store, "MySQL at " + url + ":");
			}
		}
	}

	@Test
	void anUnknownDatabaseIsNamed() throws Exception {
		try (LeaseStore store = open(settings(server.jdbcUrl("nothing")))) {
			assertUnusable(store, "Unknown database 'nothing'", "has to exist");
		}
	}

	@Test
	void withoutADoorbellThereAreNoHints() throws Exception {
		JdbcSettings settings = new JdbcSettings(server.jdbcUrl(), null, server.username(), server.password(), Map.of(),
				null, JdbcSettings.TABLE_PREFIX, true, 0);
		assertThat(new JdbcBackend(settings).watchers()).isZero();
		try (LeaseStore store = open(settings)) {
			assertThat(store.watch((hint) -> {
			})).isFalse();
		}
	}

	private String protocol() {
		return server.jdbcUrl().replaceFirst("//.*", "");
	}

	private void assertMessage(LeaseStore store, String... parts) {
		StoreFailures.assertFails(SQLException.class, store, this.election, PASSWORD, parts);
	}

	/** For what does not heal by itself. */
	private void assertUnusable(LeaseStore store, String... parts) {
		StoreFailures.assertFails(UnusableBackendException.class, store, this.election, PASSWORD, parts);
	}

	private static JdbcSettings settings(String url) {
		return MySql.settings(url, server.username(), server.password(), true);
	}

	private static LeaseStore open(JdbcSettings settings) {
		return new JdbcBackend(settings).open(REQUEST_TIMEOUT);
	}

	/** Goes through the life of a lease, of two elections at once. */
	private void assertWorks(JdbcSettings settings) throws Exception {
		String other = this.election + " ü'\"\\";
		try (LeaseStore store = open(settings)) {
			Map<String, Answer> answers = store.acquire(
					List.of(claim(this.election, new LeaseRecord.Absent()), claim(other, new LeaseRecord.Absent())));
			Lease lease = lease(answers, this.election);
			Map<String, Answer> renewals = store.renew(List.of(lease, lease(answers, other)));
			Lease renewed = lease(renewals, this.election);
			Thread.sleep(1500); // longer than a session may idle by its defaults
			Map<String, LeaseRecord> records = store.read(List.of(this.election, other));
			assertThat(records).containsOnlyKeys(this.election, other)
				.allSatisfy(
						(name, record) -> assertThat(record).isInstanceOfSatisfying(LeaseRecord.Held.class, (held) -> {
							assertThat(held.age()).isBetween(Duration.ofMillis(1400), Duration.ofMinutes(1));
							assertThat(held.since()).isBetween(System.currentTimeMillis() - 60_000,
									System.currentTimeMillis() + 60_000);
						}));
			store.release(List.of(renewed));
			LeaseRecord vacant = store.read(List.of(this.election)).get(this.election);
			assertThat(vacant).isInstanceOf(LeaseRecord.Vacant.class);
			assertThat(lease(store.acquire(List.of(claim(this.election, vacant))), this.election).term()).isEqualTo(2);
		}
	}

	private static Lease lease(Map<String, Answer> answers, String election) {
		@Nullable Answer answer = answers.get(election);
		assertThat(answer).isInstanceOf(Answer.Held.class);
		return ((Answer.Held) answer).lease();
	}

	private static Claim claim(String election, LeaseRecord seen) {
		Self self = new Self(election, UUID.randomUUID().toString(), "node ü", Map.of());
		Timing timing = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
		return new Claim(self, timing, seen, 0);
	}

}
