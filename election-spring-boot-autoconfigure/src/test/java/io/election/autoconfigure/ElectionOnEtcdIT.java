package io.election.autoconfigure;

import java.time.Duration;
import java.util.Map;

import io.election.OnEachVersion;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.actuate.ElectionHealthIndicator;
import io.election.actuate.LeadershipEndpoint;
import io.election.testing.servers.ConsoleProcess;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs elections that are configured by properties on a real etcd, together with
 * {@code etcdctl elect}.
 */
@ExtendWith(OutputCaptureExtension.class)
@OnEachVersion(EtcdVersion.class)
class ElectionOnEtcdIT {

	private static final Duration LIMIT = Duration.ofSeconds(20);

	private static @Nullable EtcdServer server;

	ElectionOnEtcdIT(EtcdVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(EtcdVersion version) {
		server = new EtcdServer(version).start();
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		server().close();
	}

	private static EtcdServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	@Test
	void leadsWithPropertiesAlone() {
		onEtcd("properties").run((context) -> {
			await().until(() -> context.getBean(LeaderElection.class).isLeader());
			assertThat(context.getBean(LeadershipEndpoint.class).election("properties")).satisfies((election) -> {
				assertThat(election.backend()).isEqualTo("etcd");
				assertThat(election.state()).isEqualTo(ElectionState.LEADER);
			});
			assertThat(context.getBean(ElectionHealthIndicator.class).health().getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void anotherApplicationLeadsWhenOneIsClosed() {
		onEtcd("closed").withPropertyValues("election.candidate.id=first", "election.candidate.attributes.zone=b")
			.run((first) -> {
				await().until(() -> first.getBean(LeaderElection.class).isLeader());
				onEtcd("closed").withPropertyValues("election.candidate.id=second").run((second) -> {
					LeaderElection election = second.getBean(LeaderElection.class);
					await().until(() -> election.leader().isPresent());
					assertThat(election.leader().orElseThrow().candidateId()).isEqualTo("first");
					assertThat(election.leader().orElseThrow().attributes()).containsEntry("zone", "b");
					await().until(() -> election.candidates().size() == 2);
					assertThat(election.isLeader()).isFalse();
					first.close();
					await().until(election::isLeader);
				});
			});
	}

	@Test
	void aFirstTokenThatTheRevisionOfEtcdIsFarFromIsRefused() {
		onEtcd("moved").withPropertyValues("election.first-token=5000000", "election.fail-fast=true")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.satisfies(
						(failure) -> assertThat(new BackendContactFailureAnalyzer().analyze(failure).getDescription())
							.startsWith("The election backend 'etcd' cannot be used: etcd is at revision ")
							.contains("election.first-token is 5000000")));
	}

	@Test
	void whoWaitsForAFirstTokenLeadsWhenTheRevisionOfEtcdHasComeToIt(CapturedOutput output) {
		long first = server().etcdctl().revision() + 50;
		onEtcd("waiting").withPropertyValues("election.first-token=" + first).run((context) -> {
			assertShown(context, "waiting", "election.first-token is " + first);
			LeaderElection election = context.getBean(LeaderElection.class);
			assertThat(election.isLeader()).isFalse();
			assertThat(output.toString().lines().filter((line) -> line.contains("ERROR"))).singleElement()
				.asString()
				.contains("etcd is at revision ");
			while (server().etcdctl().revision() < first) {
				server().etcdctl().run("put", "something", "else");
			}
			await().until(election::isLeader);
			assertThat(election.leadership().orElseThrow().fencingToken()).isGreaterThanOrEqualTo(first);
			await().until(() -> context.getBean(ElectionHealthIndicator.class).health().getStatus().equals(Status.UP));
		});
	}

	@Test
	void etcdctlWaitsBehindALeaderAndLeadsWhenItResigns() {
		onEtcd("handed-over").withPropertyValues("election.candidate.id=application").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			long token = election.leadership().orElseThrow().fencingToken();
			assertThat(observedByEtcdctl("handed-over")).isEqualTo("application");
			try (ConsoleProcess etcdctl = server().etcdctl().start("elect", "election/handed-over", "somebody")) {
				await().until(() -> contenders("handed-over") == 2);
				assertThat(etcdctl.lines()).isEmpty();
				election.resign();
				etcdctl.awaitLine("somebody"::equals, LIMIT);
				await().until(() -> election.leader().isPresent());
				assertThat(election.leader().orElseThrow()).satisfies((leader) -> {
					assertThat(leader.candidateId()).isEqualTo("somebody");
					assertThat(leader.fencingToken()).isGreaterThan(token);
				});
				assertThat(election.isLeader()).isFalse();
			}
		});
	}

	@Test
	void whoWaitsBehindEtcdctlLeadsWhenItEnds() {
		try (ConsoleProcess etcdctl = server().etcdctl().start("elect", "election/waited-for", "somebody")) {
			etcdctl.awaitLine("somebody"::equals, LIMIT);
			onEtcd("waited-for").run((context) -> {
				LeaderElection election = context.getBean(LeaderElection.class);
				await().until(() -> election.leader().isPresent());
				assertThat(election.leader().orElseThrow().candidateId()).isEqualTo("somebody");
				long token = election.leader().orElseThrow().fencingToken();
				etcdctl.sigterm();
				await().until(election::isLeader);
				assertThat(election.leadership().orElseThrow().fencingToken()).isGreaterThan(token);
			});
		}
	}

	@Test
	void whoWaitsBehindEtcdctlLeadsWhenItsLeaseHasRunOutAfterACrash() {
		try (ConsoleProcess etcdctl = server().etcdctl().start("elect", "election/crashed", "somebody")) {
			etcdctl.awaitLine("somebody"::equals, LIMIT);
			onEtcd("crashed").run((context) -> {
				LeaderElection election = context.getBean(LeaderElection.class);
				await().until(() -> election.leader().isPresent());
				etcdctl.kill9();
				// The lease of etcdctl lasts a minute: an operator may end it at once
				server().etcdctl().run("lease", "revoke", session("crashed"));
				await().until(election::isLeader);
			});
		}
	}

	@Test
	void namesOfAllKindsAreLed() {
		String[] names = { "*", "a/b", "..", "'", "\"", "%2F", "Job", "job", "名前 😀", "x".repeat(255) };
		onEtcd("of-all-kinds").run((context) -> {
			LeaderElections elections = context.getBean(LeaderElections.class);
			for (String name : names) {
				LeaderElection election = elections.join(name);
				await().until(election::isLeader);
			}
		});
	}

	@Test
	void anUnreachableServerIsShown(CapturedOutput output) {
		runner("unreachable").withPropertyValues("election.etcd.endpoints=http://127.0.0.1:1")
			.run((context) -> assertShown(context, "unreachable", "No answer in time from etcd at http://127.0.0.1:1"));
		assertThat(output).contains("No answer in time from etcd at http://127.0.0.1:1");
	}

	private static String observedByEtcdctl(String election) {
		try (ConsoleProcess etcdctl = server().etcdctl().start("elect", "--listen", "election/" + election)) {
			etcdctl.awaitLine((line) -> line.startsWith("election/" + election + "/"), LIMIT);
			return etcdctl.awaitLine(1, (line) -> true, LIMIT);
		}
	}

	private static long contenders(String election) {
		return server().etcdctl()
			.run("get", "--prefix", "--keys-only", "election/" + election + "/")
			.lines()
			.filter((line) -> !line.isEmpty())
			.count();
	}

	private static String session(String election) {
		String prefix = "election/" + election + "/";
		return server().etcdctl().run("get", "--prefix", "--keys-only", prefix).strip().substring(prefix.length());
	}

	private void assertShown(ApplicationContext context, String election, String error) {
		await().until(() -> shownByHealth(context, election).contains(error));
		assertThat(context.getBean(LeadershipEndpoint.class).election(election).lastError().message()).contains(error);
	}

	private String shownByHealth(ApplicationContext context, String election) {
		Health health = context.getBean(ElectionHealthIndicator.class).health();
		Map<?, ?> elections = (Map<?, ?>) health.getDetails().get("elections");
		Object error = ((Map<?, ?>) elections.get(election)).get("error");
		return (health.getStatus().equals(Status.DOWN) && error != null) ? error.toString() : "";
	}

	private ApplicationContextRunner onEtcd(String election) {
		return runner(election).withPropertyValues("election.etcd.endpoints=" + server().endpoint());
	}

	private static ApplicationContextRunner runner(String election) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class, SslAutoConfiguration.class,
					LeadershipEndpointAutoConfiguration.class, ElectionHealthContributorAutoConfiguration.class))
			.withPropertyValues("election.backend=etcd", "election.name=" + election,
					"management.endpoints.web.exposure.include=leadership", "election.lease-duration=3s",
					"election.renew-deadline=2s", "election.retry-period=400ms");
	}

}
