package io.election.autoconfigure.dockercompose;

import java.util.List;

import io.election.autoconfigure.NatsConnectionDetails;

import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;

/**
 * Makes {@link NatsConnectionDetails} from a service of Docker Compose with NATS.
 */
class NatsDockerComposeConnectionDetailsFactory extends DockerComposeConnectionDetailsFactory<NatsConnectionDetails> {

	private static final int PORT = 4222;

	NatsDockerComposeConnectionDetailsFactory() {
		super("nats", "io.nats.client.Connection");
	}

	@Override
	protected NatsConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
		return new Details(source.getRunningService());
	}

	/** Of a service that runs. */
	private static final class Details extends DockerComposeConnectionDetails implements NatsConnectionDetails {

		private final String server;

		private Details(RunningService service) {
			super(service);
			this.server = "nats://" + service.host() + ":" + service.ports().get(PORT);
		}

		@Override
		public List<String> getServers() {
			return List.of(this.server);
		}

	}

}
