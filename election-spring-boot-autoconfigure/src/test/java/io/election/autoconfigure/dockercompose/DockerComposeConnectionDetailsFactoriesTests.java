package io.election.autoconfigure.dockercompose;

import java.lang.reflect.Constructor;
import java.util.Map;

import io.election.autoconfigure.EtcdConnectionDetails;
import io.election.autoconfigure.NatsConnectionDetails;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsFactories;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for the factories as Spring Boot finds them. Docker Compose itself does not run.
 */
class DockerComposeConnectionDetailsFactoriesTests {

	private final RunningService service = mock(RunningService.class);

	private final ConnectionPorts ports = mock(ConnectionPorts.class);

	DockerComposeConnectionDetailsFactoriesTests() {
		given(this.service.host()).willReturn("compose");
		given(this.service.ports()).willReturn(this.ports);
	}

	@ParameterizedTest
	@ValueSource(strings = { "quay.io/coreos/etcd:v3.5.30", "gcr.io/etcd-development/etcd", "bitnami/etcd:3.5" })
	void etcdIsFoundByItsImage(String image) {
		given(this.service.image()).willReturn(ImageReference.of(image));
		given(this.ports.get(2379)).willReturn(12379);
		EtcdConnectionDetails details = (EtcdConnectionDetails) details().get(EtcdConnectionDetails.class);
		assertThat(details.getEndpoints()).containsExactly("http://compose:12379");
		assertThat(details.getUsername()).isNull();
		assertThat(details.getPassword()).isNull();
	}

	@Test
	void passwordOfEtcdIsThatOfRoot() {
		given(this.service.image()).willReturn(ImageReference.of("bitnami/etcd"));
		given(this.service.env()).willReturn(Map.of("ETCD_ROOT_PASSWORD", "secret"));
		EtcdConnectionDetails details = (EtcdConnectionDetails) details().get(EtcdConnectionDetails.class);
		assertThat(details.getUsername()).isEqualTo("root");
		assertThat(details.getPassword()).isEqualTo("secret");
	}

	@Test
	void natsIsFoundByItsImage() {
		given(this.service.image()).willReturn(ImageReference.of("nats:2.15"));
		given(this.ports.get(4222)).willReturn(14222);
		NatsConnectionDetails details = (NatsConnectionDetails) details().get(NatsConnectionDetails.class);
		assertThat(details.getServers()).containsExactly("nats://compose:14222");
	}

	@Test
	void otherServicesAreNone() {
		given(this.service.image()).willReturn(ImageReference.of("nats-streaming"));
		assertThat(details()).isEmpty();
	}

	private Map<Class<?>, ConnectionDetails> details() {
		return new ConnectionDetailsFactories(null).getConnectionDetails(source(), false);
	}

	private DockerComposeConnectionSource source() {
		try {
			Constructor<DockerComposeConnectionSource> constructor = DockerComposeConnectionSource.class
				.getDeclaredConstructor(RunningService.class, Environment.class);
			return BeanUtils.instantiateClass(constructor, this.service, new StandardEnvironment());
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
