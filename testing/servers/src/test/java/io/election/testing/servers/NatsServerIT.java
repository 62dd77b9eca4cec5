package io.election.testing.servers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link NatsServer} and {@link NatsCluster}, with real servers.
 */
class NatsServerIT {

	private static final String CREATE = "$JS.API.STREAM.CREATE.KV_work";

	private static final String STREAM = "{\"name\":\"KV_work\",\"subjects\":[\"work\"],\"num_replicas\":%s}";

	@ParameterizedTest
	@EnumSource
	void countsMessages(NatsVersion version) {
		try (NatsServer server = new NatsServer(version).start(); RawNats client = new RawNats(server.port())) {
			assertThat(client.info()).contains("\"version\":\"" + server.version() + "\"");
			assertThat(client.request(CREATE, STREAM.formatted(1))).contains("\"did_create\":true");
			long in = server.messagesIn();
			long out = server.messagesOut();
			assertThat(client.request("work", "hello")).contains("\"seq\":1");
			assertThat(server.messagesIn() - in).isEqualTo(1);
			assertThat(server.messagesOut() - out).isEqualTo(1);
			assertThat(server.logErrors()).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource
	void admitsOnlyThoseWhoKnowThePassword(NatsVersion version) {
		try (NatsServer server = new NatsServer(version).user("app", "secret").start()) {
			new RawNats(server.port(), ",\"user\":\"app\",\"pass\":\"secret\"").close();
			assertThatIllegalStateException().isThrownBy(() -> new RawNats(server.port()))
				.withMessageContaining("Authorization Violation");
			assertThat(server.logErrors()).singleElement().asString().contains("authentication error");
		}
	}

	@Test
	void admitsOnlyThoseWhoKnowTheToken() {
		try (NatsServer server = new NatsServer(NatsVersion.V2_15).token("t0ken").start()) {
			new RawNats(server.port(), ",\"auth_token\":\"t0ken\"").close();
			assertThatIllegalStateException().isThrownBy(() -> new RawNats(server.port()))
				.withMessageContaining("Authorization Violation");
		}
	}

	@ParameterizedTest
	@EnumSource
	void readsMoreConfigurationAndAsksForTls(NatsVersion version) {
		try (NatsServer server = new NatsServer(version).tls(TestCertificates.of("test"), true)
			.configuration("max_payload: 4096")
			.start(); FaultProxy proxy = FaultProxy.to(server.port())) {
			assertThat(server.monitor("/varz")).contains("\"max_payload\": 4096").contains("\"tls_required\": true");
			assertThat(server.url(proxy)).isEqualTo("nats://127.0.0.1:" + proxy.port());
		}
	}

	@Test
	void showsItsLogWhenItCannotStart() {
		NatsServer server = new NatsServer(NatsVersion.V2_15).setting("max_payload", "\"much\"");
		assertThatIllegalStateException().isThrownBy(server::start).withMessageContaining("nats.conf");
	}

	@ParameterizedTest
	@EnumSource
	void hasAnotherLeaderWhenTheLeaderOfAStreamIsKilled(NatsVersion version) {
		try (NatsCluster cluster = new NatsCluster(version).start()) {
			create(cluster);
			NatsServer leader = cluster.leaderOf("KV_work");
			leader.kill();
			NatsServer next = cluster.leaderOf("KV_work");
			assertThat(next).isNotSameAs(leader);
			assertIsKept(next);
			leader.start();
		}
	}

	@Test
	void keepsStreamsWhenAllItsMembersAreKilled() {
		try (NatsCluster cluster = new NatsCluster(NatsVersion.V2_15).start()) {
			create(cluster);
			cluster.kill();
			cluster.start();
			assertIsKept(cluster.leaderOf("KV_work"));
		}
	}

	private static void create(NatsCluster cluster) {
		try (RawNats client = new RawNats(cluster.members().get(0).port())) {
			assertThat(client.info()).doesNotContain("connect_urls");
			assertThat(client.request(CREATE, STREAM.formatted(3))).contains("\"did_create\":true");
		}
		// Other members may not know yet who wants the message
		try (RawNats client = new RawNats(cluster.leaderOf("KV_work").port())) {
			assertThat(client.request("work", "kept")).contains("\"seq\":1");
		}
	}

	private static void assertIsKept(NatsServer server) {
		try (RawNats client = new RawNats(server.port())) {
			assertThat(client.request("$JS.API.STREAM.MSG.GET.KV_work", "{\"last_by_subj\":\"work\"}"))
				.contains("\"seq\":1");
		}
	}

}
