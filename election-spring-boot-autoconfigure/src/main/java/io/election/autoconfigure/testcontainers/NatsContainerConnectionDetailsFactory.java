package io.election.autoconfigure.testcontainers;

import java.util.List;

import io.election.autoconfigure.NatsConnectionDetails;
import org.testcontainers.containers.Container;

import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;

/**
 * Makes {@link NatsConnectionDetails} from a container with NATS that is annotated with
 * {@link ServiceConnection @ServiceConnection}, or {@code @ServiceConnection("nats")} if
 * its image is another. JetStream has to be on: {@code withCommand("--jetstream")}.
 */
class NatsContainerConnectionDetailsFactory
		extends ContainerConnectionDetailsFactory<Container<?>, NatsConnectionDetails> {

	private static final int PORT = 4222;

	NatsContainerConnectionDetailsFactory() {
		super("nats", "io.nats.client.Connection");
	}

	@Override
	protected NatsConnectionDetails getContainerConnectionDetails(ContainerConnectionSource<Container<?>> source) {
		return new Details(source);
	}

	/** Asks the container when it runs. */
	private static final class Details extends ContainerConnectionDetails<Container<?>>
			implements NatsConnectionDetails {

		private Details(ContainerConnectionSource<Container<?>> source) {
			super(source);
		}

		@Override
		public List<String> getServers() {
			Container<?> container = getContainer();
			return List.of("nats://" + container.getHost() + ":" + container.getMappedPort(PORT));
		}

	}

}
