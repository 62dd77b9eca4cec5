package io.election.autoconfigure.testcontainers;

import io.election.LeaderElection;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;
import io.election.testing.servers.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;

import static org.awaitility.Awaitility.await;

/**
 * Elections over servers whose containers are annotated with
 * {@link ServiceConnection @ServiceConnection}. The containers only say that they are:
 * the servers run beside, without Docker.
 */
class ServiceConnectionIT {

	@Nested
	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE,
			properties = "election.name=container")
	class OnEtcd {

		private static final EtcdServer server = new EtcdServer(EtcdVersion.V3_5);

		@ServiceConnection
		static final GenericContainer<?> container = new ServerAsContainer("quay.io/coreos/etcd:v3.5.30", server);

		@BeforeAll
		static void start() {
			server.start();
		}

		@AfterAll
		static void stop() {
			server.close();
		}

		@Test
		void isElected(@Autowired LeaderElection election) {
			await().until(election::isLeader);
		}

	}

	@Nested
	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE,
			properties = "election.name=container")
	class OnNats {

		private static final NatsServer server = new NatsServer(NatsVersion.V2_15);

		@ServiceConnection
		static final GenericContainer<?> container = new ServerAsContainer("nats:2.15", server);

		@BeforeAll
		static void start() {
			server.start();
		}

		@AfterAll
		static void stop() {
			server.close();
		}

		@Test
		void isElected(@Autowired LeaderElection election) {
			await().until(election::isLeader);
		}

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

	/** A server that runs already, as its container would tell. */
	private static final class ServerAsContainer extends GenericContainer<ServerAsContainer> {

		private final String image;

		private final TestServer server;

		ServerAsContainer(String image, TestServer server) {
			super(image);
			this.image = image;
			this.server = server;
		}

		@Override
		public String getDockerImageName() {
			return this.image;
		}

		@Override
		public void start() {
			// It runs
		}

		@Override
		public boolean isRunning() {
			return true;
		}

		@Override
		public String getHost() {
			return "127.0.0.1";
		}

		@Override
		public Integer getMappedPort(int originalPort) {
			return this.server.port();
		}

	}

}
