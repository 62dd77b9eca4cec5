package io.election.store.jdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Logger;

import org.jspecify.annotations.Nullable;
import io.election.store.Hint;
import io.election.core.LeaseRecord;
import io.election.core.Lease;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class JdbcBackendTests {

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:postgresql://localhost/app", "jdbc:postgresql://localhost/app",
			"jdbc:wrapper:postgresql://h/d", "jdbc:postgresql://a:1,b:2/app?password=x@y" })
	void urlsOfPostgresAreTaken(String url) {
		assertThat(JdbcBackend.nameFor(url)).isEqualTo("postgres");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:mysql://localhost/app", "jdbc:mysql:replication://a,b/app", "jdbc:mysql+srv://h/d",
			"jdbc:aws-wrapper:mysql://h/d", "jdbc:mysql://u:secret@h/d?x=:postgresql:", "jdbc:mariadb://localhost/app",
			"jdbc:mariadb:sequential://a,b/app", "jdbc:otel:mariadb://h/d" })
	void urlsOfMySqlAndMariaDbAreTaken(String url) {
		assertThat(JdbcBackend.nameFor(url)).isEqualTo("mysql");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "jdbc:h2:mem:app;PASSWORD=secret", "jdbc:oracle://u:secret@localhost/:mysql:?password=secret",
					"postgresql://localhost/app", "mysql://localhost/app", "" })
	void otherUrlsAreRefused(String url) {
		assertThatIllegalArgumentException().isThrownBy(() -> backend(url, null, "election_"))
			.withMessageContaining("no JDBC URL of PostgreSQL, MySQL or MariaDB")
			.withMessageNotContaining("secret");
	}

	@Test
	void aUrlWithUserInformationIsRefusedWithoutShowingIt() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> backend("jdbc:postgresql://user:secret@localhost/app", null, "election_"))
			.withMessageContaining("user name")
			.withMessageNotContaining("secret");
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "public", "My-Schema", "_a$1", "a b", "1a", "a.b", "Ärger", "a/*b", "--" })
	void schemasThatAreNamesAreTaken(@Nullable String schema) {
		backend("jdbc:postgresql://localhost/app", schema, "election_");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "a\"b", "a`b", "a;b", "a'", "a\\", "a?", "a%s", "a\nb",
			"ääääääääääääääääääääääääääääääää", "s234567890123456789012345678901234567890123456789012345678901234" })
	void otherSchemasAreRefused(String schema) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> backend("jdbc:postgresql://localhost/app", schema, "election_"))
			.withMessageContaining("election.jdbc.schema");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "a b", "a\"b", "a;b", "1a", "a.b", "a-b", "p2345678901234567890123456789012345678901" })
	void otherPrefixesAreRefused(String prefix) {
		assertThatIllegalArgumentException().isThrownBy(() -> backend("jdbc:postgresql://localhost/app", null, prefix))
			.withMessageContaining("election.jdbc.table-prefix");
	}

	@Test
	void settingsShowNoSecret() {
		assertThat(settings("jdbc:postgresql://u:secret@localhost/app?password=secret", null, "election_").toString())
			.isEqualTo("jdbc:postgresql://localhost/app");
		assertThat(settings("jdbc:mysql://u:secret@a:1,v:secret@b/app", null, "election_").toString())
			.isEqualTo("jdbc:mysql://a:1,b/app");
		assertThat(settings("jdbc:mysql://(host=a,user=u,password=secret,port=1)/app", null, "election_").toString())
			.isEqualTo("jdbc:mysql://(host=a,user=***,password=***,port=1)/app");
		assertThat(settings("jdbc:mysql://address=(host=a)(password1=secret)/app", null, "election_").toString())
			.isEqualTo("jdbc:mysql://address=(host=a)(password1=***)/app");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:mysql:loadbalance://u:secret@a,b/app", "jdbc:mysql:replication://a,b/app",
			"jdbc:mysql+srv:loadbalance://a/app", "jdbc:otel:mysql:loadbalance://a,b/app",
			"jdbc:mariadb:loadbalance://a,b/app", "jdbc:mariadb:load-balance-read://a,b/app",
			"jdbc:mariadb:replication://a,b/app", "jdbc:mariadb:LOADBALANCE://a,b/app" })
	void urlsThatSpreadStatementsOverServersAreRefused(String url) {
		assertThatIllegalArgumentException().isThrownBy(() -> backend(url, null, "election_"))
			.withMessageContaining("election.jdbc.url")
			.withMessageMatching(".* to jdbc:(otel:)?(mysql|mysql\\+srv|mariadb)://, .*")
			.withMessageNotContaining("secret");
	}

	@ParameterizedTest
	@CsvSource({ "jdbc:mariadb:sequential://a/app, jdbc:mariadb://a/app, 1500",
			"jdbc:mariadb:SEQUENTIAL://a/app, jdbc:mariadb://a/app, 1500",
			"'jdbc:mariadb:sequential://a:1,b/app?x=,', 'jdbc:mariadb://a:1,b/app?x=,', 750",
			"'jdbc:mysql://a,b,c/app', 'jdbc:mysql://a,b,c/app', 500",
			"'jdbc:mysql://(host=a,port=1)/app', 'jdbc:mysql://(host=a,port=1)/app', 1500" })
	void hostsAreTriedInOrderAndShareTheTime(String url, String connected, String timeout) {
		JdbcSettings settings = new JdbcSettings(url, Recording.class.getName(), null, null, Map.of(), null,
				"election_", true, 1);
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> new MySqlDialect(settings).connect(Duration.ofMillis(1500)))
			.withMessageStartingWith(connected + " ")
			.withMessageContaining("connectTimeout=" + timeout)
			.withMessageContaining("queriesBeforeSourceRetry=0");
	}

	/** Fails with what it is asked for. */
	public static final class Recording implements Driver {

		@Override
		public Connection connect(String url, Properties properties) throws SQLException {
			throw new SQLException(url + " " + properties);
		}

		@Override
		public boolean acceptsURL(String url) {
			return true;
		}

		@Override
		public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
			return new DriverPropertyInfo[0];
		}

		@Override
		public int getMajorVersion() {
			return 1;
		}

		@Override
		public int getMinorVersion() {
			return 0;
		}

		@Override
		public boolean jdbcCompliant() {
			return false;
		}

		@Override
		public Logger getParentLogger() {
			return Logger.getGlobal();
		}

	}

	@Test
	void aDriverThatIsMissingIsNamed() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new JdbcBackend(new JdbcSettings("jdbc:postgresql://localhost/app", "com.example.Driver",
					null, null, Map.of(), null, "election_", true, 1)))
			.withMessageContaining("com.example.Driver");
	}

	@ParameterizedTest
	@CsvSource({ "org.postgresql.Driver, 42, 1, org.postgresql:postgresql, 42.2",
			"org.postgresql.Driver, 9, 4, org.postgresql:postgresql, 42.2",
			"com.mysql.cj.jdbc.Driver, 6, 0, com.mysql:mysql-connector-j, 8.0",
			"org.mariadb.jdbc.Driver, 2, 7, org.mariadb.jdbc:mariadb-java-client, 3.0" })
	void aDriverThatIsTooOldIsNamedWithBothVersions(String driver, int major, int minor, String library,
			String minimum) {
		assertThatIllegalArgumentException().isThrownBy(() -> Drivers.checkVersion(driver, major, minor))
			.withMessage("The version of " + library + " on the class path is " + major + "." + minor + ". Use "
					+ minimum + " or newer");
	}

	@ParameterizedTest
	@CsvSource({ "org.postgresql.Driver, 42, 2", "org.postgresql.Driver, 43, 0", "com.mysql.cj.jdbc.Driver, 9, 0",
			"org.mariadb.jdbc.Driver, 3, 0", "com.example.Driver, 0, 1" })
	void otherDriversAreNot(String driver, int major, int minor) {
		Drivers.checkVersion(driver, major, minor);
	}

	@Test
	void aUrlThatNoDriverUnderstandsIsShownWithoutItsPassword() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> backend("jdbc:other:postgresql://h/d?password=secret", null, "election_"))
			.withMessageContaining("No JDBC driver")
			.withMessageContaining("jdbc:other:postgresql://h/d.")
			.withMessageNotContaining("secret");
	}

	@Test
	void theDriverIsFoundThoughDriverManagerDoesNotKnowIt() throws Exception {
		Driver known = DriverManager.getDriver("jdbc:postgresql://localhost/app");
		DriverManager.deregisterDriver(known);
		try {
			assertThat(backend("jdbc:postgresql://localhost/app", null, "election_").name()).isEqualTo("postgres");
		}
		finally {
			DriverManager.registerDriver(known);
		}
	}

	@Test
	void tablesAreNamedAsConfigured() {
		assertThat(new Tables("s$1", "p_", "\"").in("a election_lease, my_election_fence; election_fence.x"))
			.isEqualTo("a \"s$1\".\"p_lease\", my_election_fence; \"s$1\".\"p_fence\".x");
		assertThat(new Tables(null, "election_", "`").in("election_candidate")).isEqualTo("`election_candidate`");
	}

	private static JdbcBackend backend(String url, @Nullable String schema, String prefix) {
		return new JdbcBackend(settings(url, schema, prefix));
	}

	private static JdbcSettings settings(String url, @Nullable String schema, String prefix) {
		return new JdbcSettings(url, null, "user", "secret", Map.of("sslpassword", "secret"), schema, prefix, true, 1);
	}

	@Test
	void notificationsAreReadWhateverTheyHold() {
		assertThat(PostgresDialect.hint(":a")).isEqualTo(Hint.of("a"));
		assertThat(PostgresDialect.hint("::1:2:a")).isEqualTo(Hint.of(":1:2:a"));
		assertThat(PostgresDialect.hint("7:12:3:4:a"))
			.isEqualTo(new Hint("3:4:a", new LeaseRecord.Vacant(new Lease("3:4:a", "", 7, 12))));
		for (String strange : new String[] { "", ":", "a", "7:a", "7:12", "-7:12:a", "7:1234567890123456789012:a" }) {
			assertThat(PostgresDialect.hint(strange)).as(strange).isEqualTo(Hint.ANY);
		}
	}

}
