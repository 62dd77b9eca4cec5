package io.election.testing.servers;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link EtcdServer} and {@link EtcdCluster}, with real servers.
 */
class EtcdServerIT {

	private static final Duration LIMIT = Duration.ofSeconds(30);

	@ParameterizedTest
	@EnumSource
	void countsRequestsByMethod(EtcdVersion version) {
		try (EtcdServer server = new EtcdServer(version).start()) {
			assertThat(server.version()).startsWith(version.toString().substring("etcd ".length()));
			String lease = server.etcdctl().run("lease", "grant", "60").split(" ")[1];
			server.etcdctl().run("lease", "keep-alive", "--once", lease);
			server.etcdctl().run("put", "key", "value");
			assertThat(server.requests()).containsEntry("LeaseGrant", 1L)
				.containsEntry("LeaseKeepAlive", 1L)
				.containsEntry("Put", 1L)
				.doesNotContainKey("Range");
		}
	}

	@ParameterizedTest
	@EnumSource
	void letsEtcdctlStandForElection(EtcdVersion version) {
		try (EtcdServer server = new EtcdServer(version).start();
				ConsoleProcess first = server.etcdctl().start("elect", "work", "first")) {
			first.awaitLine("first"::equals, LIMIT);
			try (ConsoleProcess second = server.etcdctl().start("elect", "work", "second")) {
				assertThat(Await.until(LIMIT,
						() -> server.etcdctl()
							.run("get", "--prefix", "--keys-only", "work/")
							.lines()
							.filter((line) -> line.startsWith("work/"))
							.count() == 2))
					.isTrue();
				assertThat(second.lines()).doesNotContain("second");
				first.sigterm();
				second.awaitLine("second"::equals, LIMIT);
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void keepsItsUsersApart(EtcdVersion version) {
		try (EtcdServer server = new EtcdServer(version).setting("auth-token-ttl", "60").start()) {
			Etcdctl root = server.etcdctl().enableAuthentication("root secret");
			root.addUser("app", "secret", "elections/");
			Etcdctl app = server.etcdctl().as("app", "secret");
			assertThat(app.run("put", "elections/a", "1")).isEqualTo("OK");
			assertThatIllegalStateException().isThrownBy(() -> app.run("put", "other", "1"))
				.withMessageContaining("permission denied");
			assertThatIllegalStateException().isThrownBy(() -> server.etcdctl().run("get", "elections/a"));
			assertThatIllegalStateException()
				.isThrownBy(() -> server.etcdctl().as("app", "wrong").run("get", "elections/a"))
				.withMessageContaining("invalid user ID or password");
			assertThat(root.run("get", "--print-value-only", "elections/a")).isEqualTo("1");
		}
	}

	@ParameterizedTest
	@EnumSource
	void admitsOnlyClientsOfItsAuthorityWithMutualTls(EtcdVersion version) {
		TestCertificates certificates = TestCertificates.of("test");
		TestCertificates others = TestCertificates.of("other");
		try (EtcdServer server = new EtcdServer(version).tls(certificates, true).start();
				FaultProxy proxy = FaultProxy.to(server.port())) {
			assertThat(server.endpoint()).startsWith("https://");
			assertThat(server.etcdctl().run("put", "key", "value")).isEqualTo("OK");
			assertThat(server.etcdctl().with("--endpoints=" + server.endpoint(proxy)).run("get", "key"))
				.isEqualTo("key\nvalue");
			Etcdctl impatient = server.etcdctl().with("--command-timeout=1s", "--dial-timeout=1s");
			assertThatIllegalStateException()
				.isThrownBy(() -> impatient.with("--cert=" + others.clientCertificate(), "--key=" + others.clientKey())
					.run("get", "key"));
			assertThatIllegalStateException()
				.isThrownBy(() -> impatient.with("--cacert=" + others.caCertificate()).run("get", "key"));
		}
	}

	@ParameterizedTest
	@EnumSource
	void hasAnotherLeaderWhenItsLeaderIsKilled(EtcdVersion version) {
		try (EtcdCluster cluster = new EtcdCluster(version).start()) {
			cluster.etcdctl().run("put", "key", "kept");
			EtcdServer leader = cluster.leader();
			leader.kill();
			EtcdServer next = cluster.leader();
			assertThat(next).isNotSameAs(leader);
			assertThat(next.etcdctl().run("get", "--print-value-only", "key")).isEqualTo("kept");
			leader.start();
			assertThat(leader.etcdctl().run("get", "--print-value-only", "key")).isEqualTo("kept");
			next.pause();
			assertThat(cluster.leader()).isNotSameAs(next);
			next.resume();
			cluster.kill();
			cluster.start();
			assertThat(cluster.etcdctl().run("get", "--print-value-only", "key")).isEqualTo("kept");
			assertThat(cluster.leader().memberName()).startsWith("member-");
		}
	}

	@Test
	void isSecuredAsAClusterToo() {
		try (EtcdCluster cluster = new EtcdCluster(EtcdVersion.V3_5).tls(TestCertificates.of("test"), false).start()) {
			Etcdctl root = cluster.etcdctl().enableAuthentication("secret");
			assertThat(root.run("put", "key", "value")).isEqualTo("OK");
			assertThat(cluster.endpoints()).hasSize(3).allMatch((endpoint) -> endpoint.startsWith("https://"));
			cluster.stop();
			assertThat(cluster.members()).noneMatch(TestServer::isRunning);
		}
	}

}
