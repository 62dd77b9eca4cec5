package io.election.store.nats;

import java.net.URI;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Backend;
import io.election.store.LeaseStore;
import io.election.store.TimedLeaseStoreContract;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.NatsCluster;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * The contract of stores on three servers that keep buckets together, which 2.9.10 does
 * not meet.
 */
@ParameterizedClass
@EnumSource(names = "V2_15")
class NatsClusterLeaseStoreIT extends TimedLeaseStoreContract {

	private static @Nullable NatsCluster cluster;

	/** Closed after the stores. */
	@AutoClose
	private final FaultProxy proxy = FaultProxy.to(cluster().members().get(0).port());

	@AutoClose
	private final Operator operator = new Operator(settings(cluster().members().get(0).url()));

	private long deletedAt;

	NatsClusterLeaseStoreIT(NatsVersion version) {
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

	private static NatsSettings settings(String... servers) {
		return new NatsSettings(List.of(servers).stream().map(URI::create).toList(), null, null, null, null, null, null,
				NatsSettings.BUCKET, 3, false, NatsSettings.INBOX_PREFIX);
	}

	@Override
	protected Backend backend() {
		return new NatsBackend(settings(cluster().members().get(0).url(this.proxy)));
	}

	@Override
	protected void touchRecord(String election) throws Exception {
		this.operator.touch(election);
	}

	@Override
	protected void deleteRecord(String election) throws Exception {
		this.deletedAt = this.operator.delete(election);
	}

	@Override
	protected LeaseRecord.Vanished vanished(Lease former) {
		return new LeaseRecord.Vanished(this.deletedAt, Duration.ZERO);
	}

	@Override
	protected void pass(Duration time) throws InterruptedException {
		Thread.sleep(time.toMillis());
	}

	@Override
	protected void breakConnections() {
		this.proxy.reset();
	}

	@Test
	void bucketsAreKeptByThreeServers() throws Exception {
		acquire(store(), candidate());
		assertThat(this.operator.stream(settings("nats://any").leases().bucket()).getReplicas()).isEqualTo(3);
	}

	@Test
	void serversThatDoNotCompareRevisionsAreRefused() {
		try (NatsCluster old = new NatsCluster(NatsVersion.V2_9).start();
				LeaseStore store = new NatsBackend(settings(old.urls().toArray(String[]::new))).open(REQUEST_TIMEOUT)) {
			assertThatException().isThrownBy(() -> store.read(List.of(this.election)))
				.withMessageContaining("has 3 replicas on servers of version 2.9.");
		}
	}

	@Test
	void aLeaseOutlivesTheLeaderOfTheStream() throws Exception {
		Lease lease = acquire(store(), candidate());
		NatsServer leader = cluster().leaderOf("KV_" + NatsSettings.BUCKET);
		List<String> others = cluster().members()
			.stream()
			.filter((member) -> member != leader)
			.map(NatsServer::url)
			.toList();
		try (LeaseStore store = new NatsBackend(settings(others.toArray(String[]::new)))
			.open(Duration.ofMillis(1500))) {
			leader.kill();
			await().atMost(Duration.ofSeconds(60))
				.ignoreExceptions()
				.until(() -> store.renew(List.of(lease)).get(this.election) instanceof Answer.Held);
			assertThat(held(store, this.election).term()).isEqualTo(lease.term());
		}
		finally {
			cluster().start();
			cluster().leaderOf("KV_" + NatsSettings.BUCKET);
		}
	}

	@Test
	void anotherServerIsUsedIfOneIsGone() throws Exception {
		String[] urls = cluster().urls().toArray(String[]::new);
		NatsServer member = cluster().members()
			.stream()
			.filter((one) -> one != cluster().leaderOf("KV_" + NatsSettings.BUCKET))
			.findAny()
			.orElseThrow();
		Lease lease = acquire(store(), candidate());
		try (LeaseStore store = new NatsBackend(settings(urls)).open(REQUEST_TIMEOUT)) {
			member.kill();
			for (int i = 0; i < 5; i++) {
				try (LeaseStore another = new NatsBackend(settings(urls)).open(REQUEST_TIMEOUT)) {
					assertThat(held(another, this.election).lease()).isEqualTo(lease);
				}
			}
			await().ignoreExceptions().until(() -> read(store, this.election) instanceof LeaseRecord.Held);
		}
		finally {
			cluster().start();
		}
	}

}
