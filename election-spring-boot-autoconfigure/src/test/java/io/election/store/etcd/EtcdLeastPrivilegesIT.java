package io.election.store.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import io.election.OnEachVersion;
import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Backend;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.LeaseStoreContract;
import io.election.store.UnusableBackendException;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import io.election.testing.servers.Etcdctl;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.TestCertificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The contract of stores for a user who may read and write the keys of the prefix and
 * nothing else, over mutual TLS; and what everybody else gets.
 */
@OnEachVersion(EtcdVersion.class)
class EtcdLeastPrivilegesIT extends LeaseStoreContract {

	private static final String PREFIX = "apps/shop/";

	private static final TestCertificates CERTIFICATES = TestCertificates.of("etcd");

	private static @Nullable EtcdServer server;

	private static @Nullable Etcdctl root;

	/** Closed after the stores. */
	@AutoClose
	private final FaultProxy proxy = FaultProxy.to(server().port());

	EtcdLeastPrivilegesIT(EtcdVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(EtcdVersion version) {
		server = new EtcdServer(version).tls(CERTIFICATES, true).setting("bcrypt-cost", "4").start();
		root = server.etcdctl().enableAuthentication("secret");
		root.addUser("shop", "sesame", PREFIX);
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		server().close();
	}

	private static EtcdServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	@Override
	protected Backend backend() {
		return new EtcdBackend(settings("shop", "sesame", PREFIX, CERTIFICATES, null));
	}

	private EtcdSettings settings(@Nullable String user, @Nullable String password, String prefix,
			TestCertificates certificates, @Nullable String authority) {
		return new EtcdSettings(List.of(URI.create(server().endpoint(this.proxy))), user, password,
				() -> ssl(certificates), authority, prefix);
	}

	private static SslContext ssl(TestCertificates certificates) {
		try {
			return GrpcSslContexts.forClient()
				.trustManager(certificates.caCertificate().toFile())
				.keyManager(certificates.clientCertificate().toFile(), certificates.clientKey().toFile())
				.build();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	protected LeaseRecord unclaimed(String election) {
		return new LeaseRecord.Vacant(new Lease(election, "", 0, 0));
	}

	@Override
	protected void deleteRecord(String election) {
		assertThat(root).isNotNull();
		root.run("del", "--prefix", PREFIX + election + "/");
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

	@Test
	void aTokenThatTheServerDoesNotKnowAnyMoreIsRenewedWithinTheCall() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		server().restart(); // tokens are kept in memory
		await().ignoreExceptions().until(() -> root.run("get", "x").isEmpty());
		this.proxy.reset();
		assertThat(store.renew(List.of(lease)).get(this.election)).isInstanceOf(Answer.Held.class);
	}

	@Test
	void authenticationMayBeSwitchedOnWhileElectionsRun() throws Exception {
		root.run("auth", "disable");
		LeaseStore store = store();
		Lease lease;
		try {
			lease = acquire(store, candidate());
		}
		finally {
			server().etcdctl().run("auth", "enable");
		}
		assertThat(store.renew(List.of(lease)).get(this.election)).isInstanceOf(Answer.Held.class);
		assertThat(read(store, this.election)).isInstanceOf(LeaseRecord.Taken.class);
	}

	@Test
	void aWatchGoesOnWithAnotherToken() throws Exception {
		LeaseStore watching = store();
		Set<Hint> hints = ConcurrentHashMap.newKeySet();
		Thread watch = new Thread(() -> {
			while (!hasEnded(watching, hints)) {
				// Begins anew, as elections do
			}
		});
		watch.start();
		await().until(() -> hints.contains(Hint.ANY));
		server().restart();
		await().ignoreExceptions().until(() -> acquire(store(), candidate()) != null);
		await().until(() -> hints.stream().map(Hint::election).anyMatch(this.election::equals));
		watching.close();
		watch.join();
	}

	@Test
	void aWrongPasswordIsExplained() {
		assertFails(UnusableBackendException.class, settings("shop", "wrong", PREFIX, CERTIFICATES, null),
				"etcd refuses the user 'shop': etcdserver: authentication failed, invalid user ID or password");
	}

	@Test
	void aMissingUserIsExplained() {
		assertFails(UnusableBackendException.class, settings(null, null, PREFIX, CERTIFICATES, null),
				"etcd does not let clients that do not log in read and write all keys that begin with 'apps/shop/': "
						+ "etcdserver: permission denied");
	}

	@Test
	void aMissingPermissionIsExplained() {
		assertFails(UnusableBackendException.class, settings("shop", "sesame", "apps/", CERTIFICATES, null),
				"etcd does not let the user 'shop' read and write all keys that begin with 'apps/': "
						+ "etcdserver: permission denied");
	}

	@Test
	void aServerThatIsNotTrustedIsExplained() {
		assertFails(IOException.class, settings("shop", "sesame", PREFIX, TestCertificates.of("other"), null),
				"unable to find valid certification path");
	}

	@Test
	void aServerWithAnotherNameIsExplained() {
		assertFails(IOException.class, settings("shop", "sesame", PREFIX, CERTIFICATES, "etcd.example.org"),
				"No subject alternative DNS name matching etcd.example.org found");
	}

	@Test
	void theAuthorityIsTheNameInTheCertificate() throws Exception {
		try (LeaseStore store = new EtcdBackend(settings("shop", "sesame", PREFIX, CERTIFICATES, "localhost"))
			.open(REQUEST_TIMEOUT)) {
			assertThat(read(store, this.election)).isEqualTo(unclaimed(this.election));
		}
	}

	private static boolean hasEnded(LeaseStore store, Set<Hint> hints) {
		try {
			return store.watch(hints::add);
		}
		catch (Exception ex) {
			return ex.getMessage().contains("closed");
		}
	}

	private void assertFails(Class<? extends Exception> type, EtcdSettings settings, String message) {
		try (LeaseStore store = new EtcdBackend(settings).open(REQUEST_TIMEOUT)) {
			assertThatExceptionOfType(type).isThrownBy(() -> store.read(List.of(this.election)))
				.withMessageContaining(message);
			assertThatException().isThrownBy(() -> store.watch((hint) -> {
			})).withMessageContaining("etcd");
		}
	}

}
