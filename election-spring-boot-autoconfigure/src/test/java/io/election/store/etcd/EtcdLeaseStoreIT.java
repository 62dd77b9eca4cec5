package io.election.store.etcd;

import java.net.URI;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Backend;
import io.election.store.LeaseStoreContract;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import io.election.testing.servers.FaultProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract of stores on etcd, and what etcd promises beyond it.
 */
@ParameterizedClass
@EnumSource
class EtcdLeaseStoreIT extends LeaseStoreContract {

	private static @Nullable EtcdServer server;

	private final FaultProxy proxy = FaultProxy.to(server().port());

	private final EtcdSettings settings = new EtcdSettings(List.of(URI.create(server().endpoint(this.proxy))), null,
			null, null, null, EtcdSettings.PREFIX);

	EtcdLeaseStoreIT(EtcdVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(EtcdVersion version) {
		server = new EtcdServer(version).start();
	}

	@AfterParameterizedClassInvocation
	static void nothingWasLoggedAsAnError() {
		try (EtcdServer ended = server()) {
			assertThat(ended.logErrors()).isEmpty();
		}
	}

	@AfterEach
	void closeProxy() {
		this.proxy.close();
	}

	private static EtcdServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	@Override
	protected Backend backend() {
		return new EtcdBackend(this.settings);
	}

	@Override
	protected LeaseRecord unclaimed(String election) {
		return new LeaseRecord.Vacant(new Lease(election, "", 0, 0));
	}

	@Override
	protected void deleteRecord(String election) {
		server().etcdctl()
			.run("del", "--prefix", new Layout(EtcdSettings.PREFIX).contenders(election)
				.toString(java.nio.charset.StandardCharsets.UTF_8));
	}

	@Override
	protected void pass(Duration time) throws InterruptedException {
		Thread.sleep(time.toMillis());
	}

	@Override
	protected Duration lateness() {
		return Duration.ofSeconds(1);
	}

	@Override
	protected void breakConnections() {
		this.proxy.reset();
	}

}
