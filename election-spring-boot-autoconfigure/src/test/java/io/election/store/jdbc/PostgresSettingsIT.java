package io.election.store.jdbc;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.UnusableBackendException;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;
import io.election.testing.servers.TestCertificates;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Settings of the store, of the URL and of the server, and what is said where they do not
 * fit.
 */
class PostgresSettingsIT {

	private static final TestCertificates CERTIFICATES = TestCertificates.of("postgres");

	private static final PostgresServer SERVER = new PostgresServer(PostgresVersion.V18).setting("ssl", "on")
		.setting("ssl_cert_file", CERTIFICATES.serverCertificate().toString())
		.setting("ssl_key_file", CERTIFICATES.serverKey().toString());

	private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

	private static final String PASSWORD = "not-to-be-shown";

	private final String election = UUID.randomUUID().toString();

	@BeforeAll
	static void start() {
		SERVER.start()
			.execute("CREATE USER limited PASSWORD '" + PASSWORD + "'",
					"CREATE USER strange PASSWORD '" + PASSWORD + "'",
					"ALTER USER strange SET default_transaction_isolation = 'serializable'",
					"ALTER USER strange SET synchronous_commit = off",
					"ALTER USER strange SET statement_timeout = '1s'", "ALTER USER strange SET search_path = strange",
					"CREATE SCHEMA strange AUTHORIZATION strange");
	}

	@AfterAll
	static void stop() {
		SERVER.close();
	}

	@Test
	void whatTheUrlAsksForDoesNotMatter() throws Exception {
		assertWorks(settings(SERVER.jdbcUrl() + "?autosave=always&readOnly=true&readOnlyMode=always"
				+ "&prepareThreshold=1&preferQueryMode=simple&targetServerType=secondary&ApplicationName=other"
				+ "&loginTimeout=0&socketTimeout=0&connectTimeout=0&assumeMinServerVersion=9.0&tcpKeepAlive=false"
				+ "&stringtype=unspecified&defaultRowFetchSize=1&sendBufferSize=1&binaryTransfer=false"
				+ "&options=-c%20default_transaction_isolation=serializable%20-c%20default_transaction_read_only=on"));
	}

	@Test
	void whatTheDriversPropertiesAskForDoesNotMatter() throws Exception {
		assertWorks(new JdbcSettings(SERVER.jdbcUrl(), "org.postgresql.Driver", SERVER.username(), SERVER.password(),
				Map.of("readOnly", "true", "preferQueryMode", "simple", "prepareThreshold", "1", "targetServerType",
						"secondary", "loginTimeout", "0", "ApplicationName", "other"),
				null, JdbcSettings.TABLE_PREFIX, true, 1));
	}

	@Test
	void whatTheUsersDefaultsAskForDoesNotMatter() throws Exception {
		assertWorks(Postgres.settings(SERVER.jdbcUrl(), "strange", PASSWORD, true));
	}

	@Test
	void anAdministratorsReadOnlyIsRespected() throws Exception {
		try (LeaseStore store = open(settings(SERVER.jdbcUrl()))) {
			Lease lease = lease(store.acquire(List.of(claim(new LeaseRecord.Absent()))));
			SERVER.execute("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()");
			try {
				await().untilAsserted(() -> assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> store.renew(List.of(lease)))
					.withMessageContaining("The server is read-only")
					.withMessageContaining("default_transaction_read_only"));
				try (LeaseStore later = open(settings(SERVER.jdbcUrl()))) {
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> later.renew(List.of(lease)))
						.withMessageContaining("The server is read-only");
				}
			}
			finally {
				SERVER.execute("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()");
			}
			await().untilAsserted(() -> assertThat(store.release(List.of(lease))).hasSize(1));
		}
	}

	@Test
	void anIdleSessionIsKept() throws Exception {
		SERVER.execute("CREATE USER idle PASSWORD '" + PASSWORD + "'",
				"ALTER USER idle SET idle_session_timeout = 100");
		try (LeaseStore store = open(Postgres.settings(SERVER.jdbcUrl(), "idle", PASSWORD, false))) {
			PostgresDialect dialect = new PostgresDialect(Postgres.settings(SERVER.jdbcUrl(), "idle", PASSWORD, false));
			Session session = dialect.connect(REQUEST_TIMEOUT);
			try {
				dialect.configure(session, REQUEST_TIMEOUT);
				Thread.sleep(300);
				session.execute("SELECT 1");
			}
			finally {
				session.abort();
			}
		}
	}

	@Test
	void credentialsAreAskedForAtEachConnect() throws Exception {
		SERVER.execute("CREATE SCHEMA rotated", "CREATE USER rotated PASSWORD 'first'",
				"GRANT ALL ON SCHEMA rotated TO rotated");
		AtomicReference<String> password = new AtomicReference<>("first");
		JdbcSettings settings = new JdbcSettings(SERVER.jdbcUrl(), null,
				() -> new JdbcCredentials("rotated", password.get()), Map.of(),
				new JdbcConnectionSetup(null, "rotated", null), null, null, JdbcSettings.TABLE_PREFIX, true, 1);
		try (LeaseStore store = open(settings)) {
			store.read(List.of(this.election));
			SERVER.execute("ALTER USER rotated PASSWORD 'second'");
			new Postgres(SERVER).terminateSessions();
			assertUnusable(store, "password authentication failed");
			password.set("second");
			assertThat(store.read(List.of(this.election))).containsValue(new LeaseRecord.Absent());
		}
	}

	@Test
	void whatThePoolDoesWithEachConnectionIsDone() throws Exception {
		SERVER.execute("CREATE ROLE owner", "CREATE USER \"short-lived\" PASSWORD '" + PASSWORD + "'",
				"GRANT owner TO \"short-lived\"", "CREATE SCHEMA \"Ärger.1\" AUTHORIZATION owner");
		assertWorks(new JdbcSettings(SERVER.jdbcUrl(), null, () -> new JdbcCredentials("short-lived", PASSWORD),
				Map.of(), new JdbcConnectionSetup(null, "Ärger.1", "SET ROLE owner"), null, null,
				JdbcSettings.TABLE_PREFIX, true, 1));
		assertWorks(new JdbcSettings(SERVER.jdbcUrl(), null, "short-lived", PASSWORD,
				Map.of("options", "-c role=owner"), "Ärger.1", "more_", true, 1));
		assertThat(
				SERVER.query("SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE schemaname = 'Ärger.1'"))
			.isEqualTo("owner");
	}

	@Test
	void aSchemaOfAnyNameMayBeConfigured() throws Exception {
		SERVER.execute("CREATE SCHEMA \"Über.all -- /*\"");
		assertWorks(new JdbcSettings(SERVER.jdbcUrl(), null, SERVER.username(), SERVER.password(), Map.of(),
				"Über.all -- /*", JdbcSettings.TABLE_PREFIX, true, 1));
	}

	@Test
	void aMissingSchemaOfTheConnectionIsNamed() throws Exception {
		try (LeaseStore store = open(settings(SERVER.jdbcUrl() + "?currentSchema=nowhere"))) {
			assertUnusable(store, "no schema has been selected", "currentSchema in the URL");
		}
	}

	@Test
	void connectionsOfADataSourceAreTakenAsTheyAreAndGivenBack() throws Exception {
		try (HikariDataSource pool = pool(3)) {
			assertWorks(settings(pool, "jdbc:postgresql:"));
			await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
			try (LeaseStore store = open(settings(pool, "jdbc:postgresql:"))) {
				for (int i = 0; i < 5; i++) {
					// The pool may have other dead ones
					await().ignoreExceptions().until(() -> store.read(List.of(this.election)).size() == 1);
					new Postgres(SERVER).terminateSessions();
				}
			}
			await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
		}
	}

	@Test
	void aDataSourceThatGivesNoConnectionHoldsNobodyUp() throws Exception {
		try (HikariDataSource pool = pool(1);
				LeaseStore store = new JdbcBackend(settings(pool, "jdbc:postgresql:")).open(Duration.ofMillis(300))) {
			try (Connection theOnlyOne = pool.getConnection()) {
				assertThat(theOnlyOne).isNotNull();
				assertMessage(store, "PostgreSQL at the DataSource: The DataSource gave no connection in time");
			}
			await().untilAsserted(() -> assertThat(store.read(List.of(this.election))).hasSize(1));
		}
	}

	@Test
	void aDataSourceOfAnotherKindIsRefused() throws Exception {
		try (HikariDataSource pool = pool(1); LeaseStore store = open(settings(pool, "jdbc:mysql:"))) {
			assertMessage(store, "set election.backend=postgres");
			assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		}
	}

	private static HikariDataSource pool(int size) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(SERVER.jdbcUrl() + "?ApplicationName=election");
		pool.setUsername(SERVER.username());
		pool.setPassword(SERVER.password());
		pool.setMaximumPoolSize(size);
		return pool;
	}

	private static JdbcSettings settings(DataSource dataSource, String url) {
		return new JdbcSettings(url, null, () -> JdbcCredentials.NONE, Map.of(), JdbcConnectionSetup.NONE, dataSource,
				null, JdbcSettings.TABLE_PREFIX, true, 1);
	}

	@Test
	void statementsEndOnTheServerToo() throws Exception {
		PostgresDialect dialect = new PostgresDialect(Postgres.settings(SERVER.jdbcUrl(), "strange", PASSWORD, true));
		Session session = dialect.connect(REQUEST_TIMEOUT);
		try {
			dialect.configure(session, REQUEST_TIMEOUT);
			List<String> timeouts = new ArrayList<>();
			session.query("SHOW statement_timeout", (row) -> timeouts.add(row.getString(1)));
			assertThat(timeouts).containsExactly(REQUEST_TIMEOUT.toSeconds() + "s");
		}
		finally {
			session.abort();
		}
	}

	@Test
	void tlsIsAMatterOfTheUrl() throws Exception {
		assertWorks(settings(SERVER.jdbcUrl() + "?sslmode=verify-full&sslrootcert=" + CERTIFICATES.caCertificate()));
		assertMessage(open(settings(
				SERVER.jdbcUrl() + "?sslmode=verify-full&sslrootcert=" + TestCertificates.of("other").caCertificate())),
				"SSL error");
	}

	@Test
	void aListOfCandidatesThatIsDeniedCostsElectionsNoConnection() throws Exception {
		try (LeaseStore store = open(settings(SERVER.jdbcUrl()))) {
			store.read(List.of(this.election)); // creates the tables
		}
		SERVER.createUser("partial", PASSWORD);
		SERVER.execute("GRANT SELECT ON election_lease, election_fence TO partial");
		try (LeaseStore store = open(Postgres.settings(SERVER.jdbcUrl(), "partial", PASSWORD, false))) {
			String sessions = "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE usename = 'partial'";
			store.read(List.of(this.election));
			String before = SERVER.query(sessions);
			assertThatExceptionOfType(UnusableBackendException.class).isThrownBy(() -> store.candidates(this.election));
			store.read(List.of(this.election));
			assertThat(SERVER.query(sessions)).isEqualTo(before);
		}
	}

	@Test
	void ofSeveralHostsThePrimaryIsUsed() throws Exception {
		String asked = "?targetServerType=any&hostRecheckSeconds=100&loadBalanceHosts=false";
		assertWorks(settings(SERVER.jdbcUrl().replace("//", "//127.0.0.1:1,") + asked));
		try (LeaseStore store = open(
				settings(SERVER.jdbcUrl().replaceFirst("//([^/]*)", "//$1,127.0.0.1:1") + asked))) {
			assertThat(store.read(List.of("another"))).hasSize(1);
		}
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void tablesAreKeptInTheConnectionsOwnSchema(CapturedOutput output) throws Exception {
		SERVER.execute("CREATE SCHEMA own");
		assertWorks(settings(SERVER.jdbcUrl() + "?currentSchema=own"));
		assertThat(SERVER.query("SELECT count(*) FROM own.election_lease WHERE name = '" + this.election + "'"))
			.isEqualTo("1");
		assertThat(output).containsOnlyOnce("Created the tables")
			.contains("election_lease, election_fence, election_candidate in schema 'own'",
					"election.jdbc.initialize-schema=never");
	}

	@Test
	void schemaAndPrefixAreConfigurable() throws Exception {
		SERVER.execute("CREATE SCHEMA \"My-Schema\"");
		JdbcSettings settings = new JdbcSettings(SERVER.jdbcUrl(), null, SERVER.username(), SERVER.password(), Map.of(),
				"My-Schema", "LEADERS_", true, 1);
		assertWorks(settings);
		assertThat(SERVER
			.query("SELECT count(*) FROM \"My-Schema\".\"LEADERS_lease\" WHERE name = '" + this.election + "'"))
			.isEqualTo("1");
		try (LeaseStore other = open(settings(SERVER.jdbcUrl()))) {
			assertThat(other.read(List.of(this.election))).containsValue(new LeaseRecord.Absent());
		}
	}

	@Test
	void manyStoresCreateTheTablesAtOnceWithoutAnError() throws Exception {
		int before = SERVER.logErrors().size();
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			for (int round = 0; round < 5; round++) {
				SERVER.execute("DROP SCHEMA IF EXISTS raced CASCADE", "CREATE SCHEMA raced");
				CyclicBarrier start = new CyclicBarrier(8);
				List<Callable<Map<String, LeaseRecord>>> calls = new ArrayList<>();
				for (int i = 0; i < 8; i++) {
					calls.add(() -> {
						try (LeaseStore store = open(settings(SERVER.jdbcUrl() + "?currentSchema=raced"))) {
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
		}
		assertThat(SERVER.logErrors()).hasSize(before);
	}

	@Test
	void tablesThatWereDroppedAreCreatedAnew() throws Exception {
		SERVER.execute("CREATE SCHEMA dropped");
		try (LeaseStore store = open(settings(SERVER.jdbcUrl() + "?currentSchema=dropped"))) {
			store.read(List.of(this.election));
			SERVER.execute("DROP TABLE dropped.election_lease");
			assertUnusable(store, "does not exist");
			assertThat(store.read(List.of(this.election))).containsValue(new LeaseRecord.Absent());
		}
	}

	@Test
	void missingTablesAreNamed() throws Exception {
		SERVER.execute("CREATE SCHEMA empty");
		JdbcSettings settings = new JdbcSettings(SERVER.jdbcUrl(), null, SERVER.username(), SERVER.password(), Map.of(),
				"empty", "my_", false, 1);
		try (LeaseStore store = open(settings)) {
			assertUnusable(store, "relation \"empty.my_lease\" does not exist",
					"election.jdbc.initialize-schema=always", "io/election/store/jdbc/schema-postgresql.sql");
		}
	}

	@Test
	void aMissingSchemaIsNamed() throws Exception {
		for (boolean initialize : new boolean[] { true, false }) {
			JdbcSettings settings = new JdbcSettings(SERVER.jdbcUrl(), null, SERVER.username(), SERVER.password(),
					Map.of(), "nowhere", JdbcSettings.TABLE_PREFIX, initialize, 1);
			try (LeaseStore store = open(settings)) {
				assertUnusable(store, "nowhere", "election.jdbc.schema");
			}
		}
		try (LeaseStore store = open(settings(SERVER.jdbcUrl() + "?currentSchema=nowhere"))) {
			assertUnusable(store, "search_path");
		}
	}

	@Test
	void missingPrivilegesAreNamed() throws Exception {
		createTables(settings(SERVER.jdbcUrl()));
		try (LeaseStore store = open(Postgres.settings(SERVER.jdbcUrl(), "limited", PASSWORD, false))) {
			assertUnusable(store, "permission denied for table election_lease", "SELECT, INSERT and UPDATE on");
		}
	}

	@Test
	void aMissingPrivilegeToCreateTablesIsNamed() throws Exception {
		SERVER.execute("CREATE SCHEMA closed", "GRANT USAGE ON SCHEMA closed TO limited");
		JdbcSettings settings = new JdbcSettings(SERVER.jdbcUrl(), null, "limited", PASSWORD, Map.of(), "closed",
				JdbcSettings.TABLE_PREFIX, true, 1);
		try (LeaseStore store = open(settings)) {
			assertUnusable(store, "permission denied for schema closed", "schema-postgresql.sql");
		}
	}

	@Test
	void aStandbyIsNoPlaceForElections() throws Exception {
		try (PostgresServer standby = new PostgresServer(PostgresVersion.V15).start()) {
			JdbcSettings settings = new Postgres(standby).settings();
			createTables(settings);
			String data = standby.query("SHOW data_directory");
			standby.stop();
			// Without a primary to follow it is one all the same
			Files.createFile(Path.of(data, "standby.signal"));
			standby.start();
			try (LeaseStore store = open(settings)) {
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> store.acquire(List.of(claim(new LeaseRecord.Absent()))))
					.withMessageContaining("read-only transaction")
					.withMessageContaining("the URL has to lead to the primary");
			}
		}
	}

	private void createTables(JdbcSettings settings) throws Exception {
		try (LeaseStore store = open(settings)) {
			store.read(List.of(this.election));
		}
	}

	@Test
	void aWrongPasswordIsSaidAndNotShown() throws Exception {
		try (LeaseStore store = open(Postgres.settings(SERVER.jdbcUrl(), "limited", PASSWORD + "-wrong", true))) {
			assertUnusable(store, "password authentication failed for user \"limited\"", "election.jdbc.password");
		}
		String url = SERVER.jdbcUrl() + "?user=limited&password=" + PASSWORD + "-wrong";
		try (LeaseStore store = open(new JdbcSettings(url, null, null, null, Map.of(), null, "election_", true, 1))) {
			assertUnusable(store, "password authentication failed for user \"limited\"", SERVER.jdbcUrl());
		}
	}

	@Test
	void aPasswordInTheUrlIsDecodedAsTheDriverDoes() throws Exception {
		SERVER.execute("CREATE USER plus PASSWORD 'a+b%c d'", "CREATE SCHEMA plus AUTHORIZATION plus");
		String url = SERVER.jdbcUrl() + "?user=plus&currentSchema=plus&password=a%2Bb%25c+d";
		DriverManager.getConnection(url).close();
		assertWorks(new JdbcSettings(url, null, null, null, Map.of(), null, "election_", true, 1));
	}

	@Test
	void aPasswordInTheUrlWins() throws Exception {
		assertWorks(Postgres.settings(SERVER.jdbcUrl() + "?password=" + PASSWORD + "&user=strange", "limited", "wrong",
				true));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:postgresql://nowhere.invalid:5432/app", "jdbc:postgresql://127.0.0.1:1/app" })
	void aServerThatCannotBeReachedIsNamed(String url) throws Exception {
		try (LeaseStore store = open(Postgres.settings(url + "?password=" + PASSWORD, "app", PASSWORD, true))) {
			assertMessage(store, "PostgreSQL at " + url + ":");
		}
	}

	@Test
	void anUnknownDatabaseIsNamed() throws Exception {
		try (LeaseStore store = open(settings(SERVER.jdbcUrl("nothing")))) {
			assertUnusable(store, "database \"nothing\" does not exist");
		}
	}

	private void assertMessage(LeaseStore store, String... parts) {
		StoreFailures.assertFails(SQLException.class, store, this.election, PASSWORD, parts);
	}

	/** For what does not heal by itself. */
	private void assertUnusable(LeaseStore store, String... parts) {
		StoreFailures.assertFails(UnusableBackendException.class, store, this.election, PASSWORD, parts);
	}

	private static JdbcSettings settings(String url) {
		return new Postgres(SERVER).settings(url);
	}

	private static LeaseStore open(JdbcSettings settings) {
		return new JdbcBackend(settings).open(REQUEST_TIMEOUT);
	}

	/** Goes through the life of a lease, its hints included. */
	private void assertWorks(JdbcSettings settings) throws Exception {
		ExecutorService threads = Executors.newCachedThreadPool();
		try (LeaseStore store = open(settings)) {
			BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
			threads.submit(() -> store.watch(hints::add));
			assertThat(hints.poll(20, TimeUnit.SECONDS)).isEqualTo(Hint.ANY);
			Lease lease = lease(store.acquire(List.of(claim(new LeaseRecord.Absent()))));
			assertThat(hints.poll(20, TimeUnit.SECONDS)).isEqualTo(Hint.of(this.election));
			Lease renewed = lease(store.renew(List.of(lease)));
			assertThat(SERVER.query("SELECT string_agg(DISTINCT application_name, ',') FROM pg_stat_activity"
					// A session that is about to log in, of a pool for instance, has none
					+ " WHERE client_port IS NOT NULL AND application_name NOT IN ('', '"
					+ PostgresServer.APPLICATION_NAME + "')"))
				.isEqualTo("election");
			store.release(List.of(renewed));
			LeaseRecord vacant = store.read(List.of(this.election)).get(this.election);
			assertThat(lease(store.acquire(List.of(claim(vacant)))).term()).isEqualTo(2);
		}
		finally {
			threads.shutdownNow();
		}
	}

	private Lease lease(Map<String, Answer> answers) {
		@Nullable Answer answer = answers.get(this.election);
		assertThat(answer).isInstanceOf(Answer.Held.class);
		return ((Answer.Held) answer).lease();
	}

	private Claim claim(LeaseRecord seen) {
		Self self = new Self(this.election, UUID.randomUUID().toString(), "node", Map.of());
		Timing timing = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
		return new Claim(self, timing, seen, 0);
	}

}
