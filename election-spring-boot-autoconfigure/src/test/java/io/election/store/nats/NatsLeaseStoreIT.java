package io.election.store.nats;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Backend;
import io.election.store.TimedLeaseStoreContract;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract of stores on NATS, and what NATS promises beyond it.
 */
@ParameterizedClass
@EnumSource
class NatsLeaseStoreIT extends TimedLeaseStoreContract {

	private static @Nullable NatsServer server;

	/** Closed after the stores. */
	@AutoClose
	private final FaultProxy proxy = FaultProxy.to(server().port());

	private final NatsSettings settings = Operator.settings(server().url(this.proxy));

	@AutoClose
	private final Operator operator = new Operator(Operator.settings(server().url()));

	private long deletedAt;

	NatsLeaseStoreIT(NatsVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(NatsVersion version) {
		server = new NatsServer(version).start();
	}

	@AfterParameterizedClassInvocation
	static void nothingWasLoggedAsAnError() {
		try (NatsServer ended = server()) {
			assertThat(ended.logErrors()).isEmpty();
		}
	}

	private static NatsServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	@Override
	protected Backend backend() {
		return new NatsBackend(this.settings);
	}

	@Override
	protected void deleteRecord(String election) throws Exception {
		this.deletedAt = this.operator.delete(election);
	}

	/** There is no fence, but every token so far is lower than the revision. */
	@Override
	protected LeaseRecord.Vanished vanished(Lease former) {
		assertThat(this.deletedAt).isGreaterThan(former.term());
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

}
