package io.election.autoconfigure.testcontainers;

import java.util.List;

import io.election.autoconfigure.EtcdConnectionDetails;
import org.testcontainers.containers.Container;

import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;

/**
 * Makes {@link EtcdConnectionDetails} from a container with etcd that is annotated with
 * {@link ServiceConnection @ServiceConnection}, or {@code @ServiceConnection("etcd")} if
 * its image is none of those known.
 */
class EtcdContainerConnectionDetailsFactory
		extends ContainerConnectionDetailsFactory<Container<?>, EtcdConnectionDetails> {

	private static final List<String> IMAGES = List.of("etcd", "coreos/etcd", "etcd-development/etcd", "bitnami/etcd",
			"bitnamilegacy/etcd");

	private static final int PORT = 2379;

	EtcdContainerConnectionDetailsFactory() {
		super(IMAGES, "io.etcd.jetcd.Client");
	}

	@Override
	protected EtcdConnectionDetails getContainerConnectionDetails(ContainerConnectionSource<Container<?>> source) {
		return new Details(source);
	}

	/** Asks the container when it runs. */
	private static final class Details extends ContainerConnectionDetails<Container<?>>
			implements EtcdConnectionDetails {

		private Details(ContainerConnectionSource<Container<?>> source) {
			super(source);
		}

		@Override
		public List<String> getEndpoints() {
			Container<?> container = getContainer();
			return List.of("http://" + container.getHost() + ":" + container.getMappedPort(PORT));
		}

	}

}
