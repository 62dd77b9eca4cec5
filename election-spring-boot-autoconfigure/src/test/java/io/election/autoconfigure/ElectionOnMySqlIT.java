package io.election.autoconfigure;

import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import javax.sql.DataSource;

import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.actuate.ElectionHealthIndicator;
import io.election.actuate.LeadershipEndpoint;
import io.election.testing.servers.MySqlDriver;
import io.election.testing.servers.MySqlServer;
import io.election.testing.servers.MySqlVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs elections that are configured by properties on a real MySQL and MariaDB. All tests
 * log everything, and none may log the password.
 */
@ExtendWith(OutputCaptureExtension.class)
@ParameterizedClass
@CsvSource({ "MYSQL_9, CONNECTOR_J", "MARIADB_10_11, MARIADB" })
class ElectionOnMySqlIT {

	private static final String PASSWORD = "not-to-be-logged";

	private static final Duration LIMIT = Duration.ofSeconds(60);

	private static MySqlServer server;

	private final LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());

	private final LogLevel level = this.logging.getLoggerConfiguration(LoggingSystem.ROOT_LOGGER_NAME)
		.getEffectiveLevel();

	ElectionOnMySqlIT(MySqlVersion version, MySqlDriver driver) {
	}

	@BeforeParameterizedClassInvocation
	static void start(MySqlVersion version, MySqlDriver driver) {
		server = new MySqlServer(version).driver(driver).start();
		server.createUser("app", PASSWORD);
		server.execute("GRANT ALL ON election.* TO app");
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		server.close();
	}

	@BeforeEach
	void logEverything() {
		this.logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.TRACE);
	}

	@AfterEach
	void thePasswordWasNotLogged(CapturedOutput output) {
		this.logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, this.level);
		assertThat(output.getAll().contains("TRACE")).isTrue();
		assertThat(output.getAll().contains(PASSWORD)).isFalse();
	}

	@Test
	void leadsOnTheDatabaseOfTheApplicationWithoutNeedingItsPool() {
		runner("pool").withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + server.jdbcUrl(), "spring.datasource.username=app",
					"spring.datasource.password=" + PASSWORD, "spring.datasource.hikari.maximum-pool-size=1",
					"spring.datasource.hikari.auto-commit=false",
					"spring.datasource.hikari.transaction-isolation=TRANSACTION_SERIALIZABLE")
			.run((context) -> {
				LeaderElection election = context.getBean(LeaderElection.class);
				await().atMost(LIMIT).until(election::isLeader);
				long token = election.leadership().orElseThrow().fencingToken();
				try (Connection theOnlyOne = context.getBean(DataSource.class).getConnection()) {
					assertThat(theOnlyOne).isNotNull();
					Instant before = lastRenewal(context);
					await().atMost(LIMIT).until(() -> lastRenewal(context).isAfter(before.plusSeconds(1)));
				}
				assertThat(election.leadership().orElseThrow().fencingToken()).isEqualTo(token);
			});
	}

	@Test
	void leadsWithPropertiesAlone() {
		onProperties("properties").run((context) -> {
			await().atMost(LIMIT).until(() -> context.getBean(LeaderElection.class).isLeader());
			assertThat(context.getBean(LeadershipEndpoint.class).election("properties")).satisfies((election) -> {
				assertThat(election.backend()).isEqualTo("mysql");
				assertThat(election.state()).isEqualTo(ElectionState.LEADER);
			});
			assertThat(context.getBean(ElectionHealthIndicator.class).health().getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void leadsWithThePasswordInTheUrl() {
		runner("url").withPropertyValues("election.jdbc.url=" + server.jdbcUrl() + "&user=app&password=" + PASSWORD)
			.run((context) -> await().atMost(LIMIT).until(() -> context.getBean(LeaderElection.class).isLeader()));
	}

	@Test
	void anotherApplicationLeadsWhenOneIsClosed() {
		onProperties("closed").withPropertyValues("election.candidate.id=first").run((first) -> {
			await().atMost(LIMIT).until(() -> first.getBean(LeaderElection.class).isLeader());
			onProperties("closed").withPropertyValues("election.candidate.id=second").run((second) -> {
				LeaderElection election = second.getBean(LeaderElection.class);
				await().atMost(LIMIT).until(() -> election.leader().isPresent());
				assertThat(election.leader().orElseThrow().candidateId()).isEqualTo("first");
				assertThat(election.isLeader()).isFalse();
				first.close();
				await().atMost(LIMIT).until(election::isLeader);
			});
		});
	}

	@Test
	void namesOfAllKindsAreLed() {
		String[] names = { "*", "a/b", "..", "'", "\"", "`", "%", "Job", "job", "job ", "名前 😀", "x".repeat(255) };
		onProperties("of-all-kinds").run((context) -> {
			LeaderElections elections = context.getBean(LeaderElections.class);
			for (String name : names) {
				LeaderElection election = elections.join(name);
				await().atMost(LIMIT).until(election::isLeader);
				await().atMost(LIMIT).until(() -> election.candidates().size() == 1);
			}
		});
	}

	@Test
	void aWrongPasswordIsShown() {
		onProperties("password").withPropertyValues("election.jdbc.password=wrong-" + PASSWORD)
			.run((context) -> assertShown(context, "password",
					"Check election.jdbc.username and election.jdbc.password"));
	}

	@Test
	void anUnreachableServerIsShown() {
		String url = server.jdbcUrl().replaceFirst(":\\d+/", ":1/");
		onProperties("unreachable").withPropertyValues("election.jdbc.url=" + url)
			.run((context) -> assertShown(context, "unreachable", "MySQL at " + url.replaceFirst("\\?.*", "") + ": "));
	}

	@Test
	void missingTablesAreShown() {
		onProperties("tables")
			.withPropertyValues("election.jdbc.table-prefix=absent_", "election.jdbc.initialize-schema=never")
			.run((context) -> assertShown(context, "tables",
					"election.jdbc.initialize-schema=always has missing ones created"));
	}

	@Test
	void withoutPrivilegesOnTheListOfCandidatesElectionsGoOn() {
		server.createUser("unlisted", PASSWORD);
		ApplicationContextRunner runner = onProperties("unlisted")
			.withPropertyValues("election.jdbc.table-prefix=unlisted_");
		runner.run((context) -> {
			await().until(() -> context.getBean(LeaderElection.class).isLeader());
			server.execute("GRANT SELECT, INSERT, UPDATE ON election.unlisted_lease TO unlisted",
					"GRANT SELECT, INSERT, UPDATE ON election.unlisted_fence TO unlisted");
		});
		runner.withPropertyValues("election.jdbc.username=unlisted").run((context) -> {
			await().until(() -> context.getBean(LeaderElection.class).isLeader());
			await().atMost(LIMIT)
				.until(() -> context.getBean(ElectionReports.class).report("unlisted").warnings().size() == 1);
			assertThat(context.getBean(ElectionHealthIndicator.class).health().getStatus()).isEqualTo(Status.UP);
		});
	}

	private static void assertShown(ApplicationContext context, String election, String error) {
		await().atMost(LIMIT).until(() -> shownByHealth(context, election).contains(error));
		assertThat(context.getBean(LeadershipEndpoint.class).election(election).lastError().message()).contains(error)
			.doesNotContain(PASSWORD);
	}

	private static String shownByHealth(ApplicationContext context, String election) {
		Health health = context.getBean(ElectionHealthIndicator.class).health();
		Map<?, ?> elections = (Map<?, ?>) health.getDetails().get("elections");
		Object error = ((Map<?, ?>) elections.get(election)).get("error");
		return (health.getStatus().equals(Status.DOWN) && error != null) ? error.toString() : "";
	}

	private static Instant lastRenewal(ApplicationContext context) {
		return context.getBean(ElectionReports.class).report("pool").lastRenewal();
	}

	private static ApplicationContextRunner onProperties(String election) {
		return runner(election).withPropertyValues("election.jdbc.url=" + server.jdbcUrl(),
				"election.jdbc.username=app", "election.jdbc.password=" + PASSWORD);
	}

	private static ApplicationContextRunner runner(String election) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class,
					LeadershipEndpointAutoConfiguration.class, ElectionHealthContributorAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=*", "election.name=" + election,
					"election.lease-duration=6s", "election.renew-deadline=4s", "election.retry-period=1s");
	}

}
