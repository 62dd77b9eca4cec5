package io.election.autoconfigure;

import java.time.Duration;
import java.util.Optional;

import io.election.LeaderElection;
import io.election.testing.servers.NatsCluster;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs elections on three servers of NATS, some of which go away.
 */
@ParameterizedClass
@EnumSource(names = "V2_15")
class ElectionOnNatsClusterIT {

	private static final String STREAM = "KV_election_lease";

	private static @Nullable NatsCluster cluster;

	ElectionOnNatsClusterIT(NatsVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(NatsVersion version) {
		cluster = new NatsCluster(version).start();
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		cluster().close();
	}

	private static NatsCluster cluster() {
		assertThat(cluster).isNotNull();
		return cluster;
	}

	@AfterEach
	void startMembersThatAreDown() {
		cluster().start();
		cluster().leaderOf(STREAM);
	}

	@Test
	void tokensBeginWithTheFirstToken() {
		runner("moved").withPropertyValues("election.first-token=5000000").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			assertThat(token(election)).hasValue(5_000_000L);
		});
		runner("moved").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			assertThat(token(election)).hasValue(5_000_001L);
		});
	}

	@Test
	void somebodyLeadsAgainWhenTheLeaderOfTheStreamIsKilled() {
		runner("killed").run((first) -> {
			LeaderElection one = first.getBean(LeaderElection.class);
			await().until(one::isLeader);
			long token = token(one).orElseThrow();
			runner("killed").run((second) -> {
				LeaderElection other = second.getBean(LeaderElection.class);
				await().until(() -> other.leader().isPresent());
				// While nothing can be written, the leader may lose its term
				NatsServer killed = cluster().leaderOf(STREAM);
				killed.kill();
				await().during(Duration.ofSeconds(7))
					.atMost(Duration.ofSeconds(60))
					.until(() -> one.isLeader() || other.isLeader());
				assertThat(token(one).or(() -> token(other)).orElseThrow()).isGreaterThanOrEqualTo(token);
				LeaderElection resigning = one.isLeader() ? one : other;
				LeaderElection waiting = one.isLeader() ? other : one;
				resigning.resign();
				await().until(waiting::isLeader);
			});
		});
	}

	@Test
	void nobodyLeadsWithoutAMajorityAndSomebodyDoesAgainAfterwards() {
		runner("majority").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			long token = token(election).orElseThrow();
			cluster().members().get(0).kill();
			cluster().members().get(1).kill();
			await().until(() -> !election.isLeader());
			cluster().start();
			await().atMost(Duration.ofSeconds(60)).until(election::isLeader);
			assertThat(token(election).orElseThrow()).isGreaterThan(token);
		});
	}

	private static Optional<Long> token(LeaderElection election) {
		return election.leadership().map((leadership) -> leadership.fencingToken());
	}

	private static ApplicationContextRunner runner(String election) {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class))
			.withPropertyValues("election.nats.servers=" + String.join(",", cluster().urls()),
					"election.nats.replicas=3", "election.name=" + election, "election.lease-duration=4s",
					"election.renew-deadline=3s", "election.retry-period=500ms");
	}

}
