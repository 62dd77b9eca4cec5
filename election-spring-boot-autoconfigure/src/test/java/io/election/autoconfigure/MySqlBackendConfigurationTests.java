package io.election.autoconfigure;

import java.util.Map;

import javax.sql.DataSource;

import com.mysql.cj.jdbc.MysqlDataSource;
import com.zaxxer.hikari.HikariDataSource;
import io.election.store.Backend;
import io.election.store.jdbc.JdbcSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mariadb.jdbc.MariaDbDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MySqlBackendConfiguration}. Nothing is connected to.
 */
class MySqlBackendConfigurationTests {

	private static final String URL = "jdbc:mysql://db:3307/app";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class))
		.withPropertyValues("election.name=billing", "election.start=application-ready");

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:mysql://db/app", "jdbc:mariadb://db/app" })
	void theUrlSelectsTheBackend(String url) {
		this.runner.withPropertyValues("election.jdbc.url=" + url).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(Backend.class).name()).isEqualTo("mysql");
		});
	}

	@Test
	void settingsComeFromProperties() {
		this.runner
			.withPropertyValues("election.backend=mysql", "election.jdbc.url=" + URL, "election.jdbc.username=elect",
					"election.jdbc.password=secret", "election.jdbc.properties.sslMode=REQUIRED",
					"election.jdbc.schema=ops", "election.jdbc.doorbell=3")
			.run((context) -> {
				PostgresBackendConfigurationTests.assertSettings(settings(context), new JdbcSettings(URL, null, "elect",
						"secret", Map.of("sslMode", "REQUIRED"), "ops", "election_", true, 3));
				assertThat(context.getBean(Backend.class).watchers()).isEqualTo(3);
			});
	}

	@Test
	void settingsComeFromTheDataSourceOfTheApplication() {
		this.runner.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + URL, "spring.datasource.username=app",
					"spring.datasource.password=secret",
					"spring.datasource.hikari.data-source-properties.sslMode=REQUIRED")
			.run((context) -> {
				PostgresBackendConfigurationTests.assertSettings(settings(context),
						new JdbcSettings(URL, "com.mysql.cj.jdbc.Driver", "app", "secret",
								Map.of("sslMode", "REQUIRED"), null, "election_", true, 1));
				assertThat(context.getBean(Backend.class).name()).isEqualTo("mysql");
				assertThat(context.getBean(HikariDataSource.class).isRunning()).isFalse();
			});
	}

	@Test
	void settingsComeFromTheClassThatAPoolMakesItsConnectionsWith() {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSourceClassName(MysqlDataSource.class.getName());
		pool.addDataSourceProperty("serverName", "db");
		pool.addDataSourceProperty("portNumber", 3307);
		pool.addDataSourceProperty("databaseName", "app");
		pool.addDataSourceProperty("sslMode", "REQUIRED");
		pool.setUsername("app");
		pool.setPassword("secret");
		assertTaken(pool, "jdbc:mysql://db:3307/app");
	}

	@Test
	void settingsComeFromTheClassOfMariaDb() {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSourceClassName(MariaDbDataSource.class.getName());
		pool.addDataSourceProperty("url", "jdbc:mariadb://db:3307/app?connectTimeout=1234");
		pool.setUsername("app");
		pool.setPassword("secret");
		assertTaken(pool, "jdbc:mariadb://db:3307/app?connectTimeout=1234");
	}

	private void assertTaken(HikariDataSource pool, String url) {
		this.runner.withBean(DataSource.class, () -> pool)
			.run((context) -> assertThat(settings(context)).satisfies((settings) -> {
				assertThat(settings.url()).startsWith(url).doesNotContain("secret");
				assertThat(settings.credentials().get().username()).isEqualTo("app");
				assertThat(settings.credentials().get().password()).isEqualTo("secret");
			}));
	}

	@ParameterizedTest
	@CsvSource({ "com.mysql, jdbc:mariadb://db/app", "org.mariadb, jdbc:mysql://db/app" })
	void oneDriverIsEnough(String missing, String url) {
		this.runner.withClassLoader(new FilteredClassLoader(missing, "org.postgresql"))
			.withPropertyValues("election.jdbc.url=" + url)
			.run((context) -> assertThat(context.getBean(Backend.class).name()).isEqualTo("mysql"));
	}

	@Test
	void missingDriversAreExplained() {
		this.runner.withPropertyValues("election.backend=mysql")
			.withClassLoader(new FilteredClassLoader("com.mysql", "org.mariadb"))
			.run((context) -> assertThat(analyze(context).getAction())
				.startsWith("Add the dependency com.mysql:mysql-connector-j or org.mariadb.jdbc:mariadb-java-client,"));
	}

	@ParameterizedTest
	@CsvSource({ "mysql, jdbc:postgresql://db/app, MySQL or MariaDB", "postgres, jdbc:mysql://db/app, PostgreSQL",
			"mysql, jdbc:h2:mem:app, MySQL or MariaDB" })
	void aDatabaseOfAnotherKindIsExplained(String backend, String url, String product) {
		this.runner.withPropertyValues("election.backend=" + backend, "election.jdbc.url=" + url)
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.startsWith("election.backend is '%s', but election.jdbc.url is for jdbc:".formatted(backend));
				assertThat(analysis.getAction())
					.startsWith("Set election.jdbc.url to that of a %s database".formatted(product))
					.contains("election.backend=memory");
			}));
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 17 })
	void aNumberOfDoorbellsThatCannotBeUsedIsExplained(int doorbell) {
		this.runner.withPropertyValues("election.jdbc.url=" + URL, "election.jdbc.doorbell=" + doorbell)
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.jdbc.doorbell is " + doorbell + " but must be 0 to 16"));
	}

	private JdbcSettings settings(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return context.getBean("mysqlBackendOption", JdbcBackendOption.class).settings();
	}

	private FailureAnalysis analyze(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new ElectionConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
		assertThat(analysis).as("analysis of %s", context.getStartupFailure()).isNotNull();
		return analysis;
	}

}
