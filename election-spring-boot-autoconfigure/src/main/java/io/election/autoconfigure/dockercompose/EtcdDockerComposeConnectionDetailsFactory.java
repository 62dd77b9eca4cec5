package io.election.autoconfigure.dockercompose;

import java.util.List;

import io.election.autoconfigure.EtcdConnectionDetails;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;

/**
 * Makes {@link EtcdConnectionDetails} from a service of Docker Compose with etcd.
 */
class EtcdDockerComposeConnectionDetailsFactory extends DockerComposeConnectionDetailsFactory<EtcdConnectionDetails> {

	private static final String[] IMAGES = { "etcd", "coreos/etcd", "etcd-development/etcd", "bitnami/etcd",
			"bitnamilegacy/etcd" };

	private static final int PORT = 2379;

	EtcdDockerComposeConnectionDetailsFactory() {
		super(IMAGES, "io.etcd.jetcd.Client");
	}

	@Override
	protected EtcdConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
		return new Details(source.getRunningService());
	}

	/** Of a service that runs. */
	private static final class Details extends DockerComposeConnectionDetails implements EtcdConnectionDetails {

		private final String endpoint;

		/** Of the user root; set by Bitnami's images. */
		private final @Nullable String password;

		private Details(RunningService service) {
			super(service);
			this.endpoint = "http://" + service.host() + ":" + service.ports().get(PORT);
			this.password = service.env().get("ETCD_ROOT_PASSWORD");
		}

		@Override
		public List<String> getEndpoints() {
			return List.of(this.endpoint);
		}

		@Override
		public @Nullable String getUsername() {
			return (this.password != null) ? "root" : null;
		}

		@Override
		public @Nullable String getPassword() {
			return this.password;
		}

	}

}
