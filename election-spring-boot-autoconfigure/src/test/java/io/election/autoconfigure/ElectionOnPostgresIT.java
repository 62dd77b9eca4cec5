package io.election.autoconfigure;

import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import javax.sql.DataSource;

import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.actuate.ElectionHealthIndicator;
import io.election.actuate.LeadershipEndpoint;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs elections that are configured by properties on a real PostgreSQL.
 */
@ExtendWith(OutputCaptureExtension.class)
class ElectionOnPostgresIT {

	private static final PostgresServer server = new PostgresServer(PostgresVersion.V18);

	@BeforeAll
	static void start() {
		server.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void leadsOnTheDatabaseOfTheApplicationWithoutNeedingItsPool() {
		onDataSource("pool").withPropertyValues("spring.datasource.hikari.maximum-pool-size=1").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			long token = election.leadership().orElseThrow().fencingToken();
			try (Connection theOnlyOne = context.getBean(DataSource.class).getConnection()) {
				assertThat(theOnlyOne).isNotNull();
				Instant before = lastRenewal(context);
				await().until(() -> lastRenewal(context).isAfter(before.plusSeconds(1)));
			}
			assertThat(election.leadership().orElseThrow().fencingToken()).isEqualTo(token);
		});
	}

	@Test
	void leadsWithPropertiesAlone() {
		onProperties("properties").run((context) -> {
			await().until(() -> context.getBean(LeaderElection.class).isLeader());
			assertThat(context.getBean(LeadershipEndpoint.class).election("properties")).satisfies((election) -> {
				assertThat(election.backend()).isEqualTo("postgres");
				assertThat(election.state()).isEqualTo(ElectionState.LEADER);
			});
			assertThat(context.getBean(ElectionHealthIndicator.class).health().getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void resourcesThatRememberTheTokensOfAnotherBackendTakeThoseFromTheFirstTokenOn() {
		server.execute("create table report (id integer, content text, token bigint)",
				"insert into report values (1, 'of the former backend', 4999999)");
		onProperties("moved").run((context) -> assertThat(write(context, "forgotten")).isFalse());
		onProperties("moved").withPropertyValues("election.first-token=5000000").run((context) -> {
			assertThat(write(context, "moved")).isTrue();
			assertThat(server.query("select content || token from report")).isEqualTo("moved5000000");
			assertThat(server.query("select term from election_fence where name = 'moved'")).isEqualTo("5000000");
			assertThat(context.getBean(ElectionHealthIndicator.class).health().getStatus()).isEqualTo(Status.UP);
		});
		onProperties("moved").run((context) -> {
			assertThat(write(context, "later")).isTrue();
			assertThat(server.query("select content || token from report")).isEqualTo("later5000001");
		});
	}

	/** Writes as soon as the application leads, in the way of docs/fencing.md. */
	private boolean write(ApplicationContext context, String content) {
		LeaderElection election = context.getBean(LeaderElection.class);
		await().until(election::isLeader);
		long token = election.leadership().orElseThrow().fencingToken();
		server.execute("update report set content = '%s', token = %s where id = 1 and token <= %s".formatted(content,
				token, token));
		return server.query("select content from report").equals(content);
	}

	@Test
	void anotherApplicationLeadsWhenOneIsClosed() {
		onProperties("closed").withPropertyValues("election.candidate.id=first").run((first) -> {
			await().until(() -> first.getBean(LeaderElection.class).isLeader());
			onProperties("closed").withPropertyValues("election.candidate.id=second").run((second) -> {
				LeaderElection election = second.getBean(LeaderElection.class);
				await().until(() -> election.leader().isPresent());
				assertThat(election.leader().orElseThrow().candidateId()).isEqualTo("first");
				assertThat(election.isLeader()).isFalse();
				first.close();
				await().until(election::isLeader);
			});
		});
	}

	@Test
	void missingTablesAreShown(CapturedOutput output) {
		String advice = "election.jdbc.initialize-schema=always has missing ones created";
		onProperties("tables")
			.withPropertyValues("election.jdbc.table-prefix=absent_", "election.jdbc.initialize-schema=never")
			.run((context) -> {
				assertShown(context, "tables", advice);
				assertThat(output.toString().lines().filter((line) -> line.contains(advice) && !line.contains("DEBUG")))
					.singleElement()
					.asString()
					.contains("ERROR", "Backend postgres cannot be used: ");
			});
	}

	@Test
	void aStartThatHasToReachTheBackendFails(CapturedOutput output) {
		onProperties("fast").withPropertyValues("election.jdbc.password=wrong", "election.fail-fast=true")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.satisfies((failure) -> assertThat(new BackendContactFailureAnalyzer().analyze(failure))
					.satisfies((analysis) -> {
						assertThat(analysis.getDescription())
							.startsWith("The election backend 'postgres' cannot be used: ")
							.contains("password authentication failed", "election.jdbc.password");
						assertThat(analysis.getAction()).contains("election.fail-fast=false");
					})));
		onProperties("fast").withPropertyValues("election.fail-fast=true")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void missingPrivilegesAreShown(CapturedOutput output) {
		server.execute("create role visitor login password 'secret'",
				"revoke create on schema public from public, visitor");
		String advice = "The user needs USAGE of the schema";
		onProperties("privileges")
			.withPropertyValues("election.jdbc.table-prefix=guarded_", "election.jdbc.username=visitor",
					"election.jdbc.password=secret")
			.run((context) -> {
				assertShown(context, "privileges", advice);
				assertThat(output).contains(advice);
			});
	}

	@Test
	void withoutPrivilegesOnTheListOfCandidatesElectionsGoOn(CapturedOutput output) {
		server.execute("create role unlisted login password 'secret'");
		ApplicationContextRunner runner = onProperties("unlisted")
			.withPropertyValues("election.jdbc.table-prefix=unlisted_");
		runner.run((context) -> {
			await().until(() -> context.getBean(LeaderElection.class).isLeader());
			server.execute("grant select, insert, update on unlisted_lease, unlisted_fence to unlisted");
		});
		runner.withPropertyValues("election.jdbc.username=unlisted", "election.jdbc.password=secret").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			long token = election.leadership().orElseThrow().fencingToken();
			await().atMost(Duration.ofSeconds(60))
				.until(() -> context.getBean(ElectionReports.class).report("unlisted").warnings().size() == 1);
			assertThat(context.getBean(ElectionHealthIndicator.class).health()).satisfies((health) -> {
				assertThat(health.getStatus()).isEqualTo(Status.UP);
				assertThat(health.getDetails().toString()).contains("The list of candidates cannot be written",
						"permission denied for table unlisted_candidate");
			});
			assertThat(election.leadership().orElseThrow().fencingToken()).isEqualTo(token);
			assertThat(output.toString().lines().filter((line) -> line.contains("The list of candidates"))).hasSize(1);
		});
	}

	private void assertShown(ApplicationContext context, String election, String error) {
		// The first tries of a busy machine may fail for want of time
		await().atMost(Duration.ofSeconds(60)).until(() -> shownByHealth(context, election).contains(error));
		assertThat(context.getBean(LeadershipEndpoint.class).election(election).lastError().message()).contains(error);
	}

	private String shownByHealth(ApplicationContext context, String election) {
		Health health = context.getBean(ElectionHealthIndicator.class).health();
		Map<?, ?> elections = (Map<?, ?>) health.getDetails().get("elections");
		Object error = ((Map<?, ?>) elections.get(election)).get("error");
		return (health.getStatus().equals(Status.DOWN) && error != null) ? error.toString() : "";
	}

	private Instant lastRenewal(ApplicationContext context) {
		return context.getBean(ElectionReports.class).report("pool").lastRenewal();
	}

	private ApplicationContextRunner onDataSource(String election) {
		return runner(election).withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + server.jdbcUrl(),
					"spring.datasource.username=" + server.username(),
					"spring.datasource.password=" + server.password());
	}

	private ApplicationContextRunner onProperties(String election) {
		return runner(election).withPropertyValues("election.jdbc.url=" + server.jdbcUrl(),
				"election.jdbc.username=" + server.username(), "election.jdbc.password=" + server.password());
	}

	private ApplicationContextRunner runner(String election) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class,
					LeadershipEndpointAutoConfiguration.class, ElectionHealthContributorAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=*", "election.name=" + election,
					"election.lease-duration=6s", "election.renew-deadline=4s", "election.retry-period=1s");
	}

}
