package io.election.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

import io.election.LeaderElection;
import io.election.actuate.LeadershipEndpoint;
import io.election.testing.servers.TestCertificates;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The certificate of an authority that is replaced while an application runs.
 */
final class ReplacedCertificates {

	private ReplacedCertificates() {
	}

	/**
	 * Runs an application that trusts another authority at first, and leads when it
	 * trusts that of its server.
	 * @param bundle the name of its bundle, of PEM files
	 */
	static void assertTakeEffect(ApplicationContextRunner application, String bundle, TestCertificates ofServer,
			Path folder) throws IOException {
		Path authority = Files.copy(TestCertificates.of("other").caCertificate(), folder.resolve("ca.pem"));
		String prefix = "spring.ssl.bundle.pem." + bundle;
		application
			.withPropertyValues(prefix + ".truststore.certificate=" + authority.toUri(),
					prefix + ".reload-on-update=true", "spring.ssl.bundle.watch.file.quiet-period=100ms")
			.run((context) -> {
				LeadershipEndpoint endpoint = context.getBean(LeadershipEndpoint.class);
				await().until(() -> endpoint.election("billing").lastError() != null);
				assertThat(context.getBean(LeaderElection.class).isLeader()).isFalse();
				Files.copy(ofServer.caCertificate(), authority, StandardCopyOption.REPLACE_EXISTING);
				await().atMost(Duration.ofSeconds(30)).until(() -> context.getBean(LeaderElection.class).isLeader());
			});
	}

}
