package io.election.store.nats;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import io.election.OnEachVersion;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Backend;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.TimedLeaseStoreContract;
import io.election.store.UnusableBackendException;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The contract of stores for a user who may do what elections need in buckets that
 * somebody else has created, and nothing else; and what everybody else gets.
 */
@OnEachVersion(NatsVersion.class)
class NatsLeastPrivilegesIT extends TimedLeaseStoreContract {

	private static final String BUCKET = "shop";

	/** As documented. */
	private static final String PERMISSIONS = """
			publish: [
			  "$KV.shop.>"
			  "$KV.shop_candidates.>"
			  "$JS.API.STREAM.INFO.KV_shop"
			  "$JS.API.STREAM.INFO.KV_shop_candidates"
			  "$JS.API.STREAM.MSG.GET.KV_shop"
			  "$JS.API.CONSUMER.CREATE.KV_shop"
			  "$JS.API.CONSUMER.CREATE.KV_shop_candidates"
			]
			subscribe: "_INBOX_shop.>"
			""";

	private static @Nullable NatsServer server;

	/** Closed after the stores. */
	@AutoClose
	private final FaultProxy proxy = FaultProxy.to(server().port());

	@AutoClose
	private final Operator operator = new Operator(settings("admin", "secret", BUCKET, NatsSettings.INBOX_PREFIX));

	private long deletedAt;

	NatsLeastPrivilegesIT(NatsVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(NatsVersion version) throws Exception {
		server = new NatsServer(version).setting("authorization", """
				{ users: [
				  { user: "admin", password: "secret" }
				  { user: "shop", password: "sesame", permissions: { %s } }
				] }""".formatted(PERMISSIONS)).start();
		NatsSettings admin = settings(server.url(), "admin", "secret", BUCKET, NatsSettings.INBOX_PREFIX);
		try (LeaseStore store = new NatsBackend(admin).open(REQUEST_TIMEOUT)) {
			store.register(new Registration("admin", "admin", Map.of(), Set.of("admin"), KEEP));
		}
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		server().close();
	}

	private static NatsServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	@Override
	protected Backend backend() {
		return new NatsBackend(settings("shop", "sesame", BUCKET, "_INBOX_shop"));
	}

	private NatsSettings settings(@Nullable String user, @Nullable String password, String bucket, String inbox) {
		return settings(server().url(this.proxy), user, password, bucket, inbox);
	}

	private static NatsSettings settings(String url, @Nullable String user, @Nullable String password, String bucket,
			String inbox) {
		return new NatsSettings(List.of(URI.create(url)), user, password, null, null, null, null, bucket, 1, false,
				inbox);
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
	void aWrongPasswordIsExplained() {
		assertFails(UnusableBackendException.class, settings("shop", "wrong", BUCKET, "_INBOX_shop"),
				"NATS refuses the user 'shop': Authorization Violation");
	}

	@Test
	void aMissingUserIsExplained() {
		assertFails(UnusableBackendException.class, settings(null, null, BUCKET, "_INBOX_shop"),
				"NATS refuses clients that do not log in: Authorization Violation");
	}

	@Test
	void aMissingPermissionToPublishIsExplained() {
		assertFails(UnusableBackendException.class, settings("shop", "sesame", "other", "_INBOX_shop"),
				"NATS does not let the user 'shop' do what elections need: "
						+ "Permissions Violation for Publish to \"$JS.API.STREAM.INFO.KV_other\"");
	}

	@Test
	void aMissingPermissionToSubscribeIsExplained() {
		assertFails(UnusableBackendException.class, settings("shop", "sesame", BUCKET, NatsSettings.INBOX_PREFIX),
				"NATS does not let the user 'shop' do what elections need: "
						+ "Permissions Violation for Subscription to \"_INBOX.");
	}

	@Test
	void aServerThatSpeaksNoTlsIsExplained() throws Exception {
		NatsSslContext ssl = new NatsSslContext(SSLContext.getDefault(), new SSLParameters());
		assertFails(
				IOException.class, new NatsSettings(List.of(URI.create(server().url(this.proxy))), "shop", "sesame",
						null, null, () -> ssl, null, BUCKET, 1, false, "_INBOX_shop"),
				"SSL connection wanted by client");
	}

	private void assertFails(Class<? extends Exception> type, NatsSettings settings, String message) {
		try (LeaseStore store = new NatsBackend(settings).open(Duration.ofSeconds(2))) {
			assertThatExceptionOfType(type).isThrownBy(() -> store.read(List.of(this.election)))
				.withMessageContaining(message);
			assertThatException().isThrownBy(() -> store.watch((hint) -> {
			})).withMessageContaining(message);
		}
	}

}
