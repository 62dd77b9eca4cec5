package io.election.autoconfigure;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.election.LeaderElection;
import io.election.actuate.LeadershipEndpoint;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import io.election.testing.servers.TestCertificates;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs elections over mutual TLS, with a password, configured by properties, and looks
 * for the password in the log.
 */
@ExtendWith(OutputCaptureExtension.class)
class ElectionOnSecuredEtcdIT {

	private static final String PASSWORD = "sesame-8b3e";

	private static final TestCertificates certificates = TestCertificates.of("etcd");

	private static final EtcdServer server = new EtcdServer(EtcdVersion.V3_5).tls(certificates, true);

	private final LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());

	private final LogLevel level = this.logging.getLoggerConfiguration(LoggingSystem.ROOT_LOGGER_NAME)
		.getEffectiveLevel();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class, SslAutoConfiguration.class,
				LeadershipEndpointAutoConfiguration.class))
		.withPropertyValues("election.name=billing", "election.etcd.endpoints=" + server.endpoint(),
				"election.etcd.username=shop", "election.etcd.password=" + PASSWORD, "election.etcd.prefix=shop/",
				"election.etcd.ssl.bundle=etcd", "management.endpoints.web.exposure.include=leadership");

	@BeforeAll
	static void start() {
		server.start().etcdctl().enableAuthentication("secret").addUser("shop", PASSWORD, "shop/");
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void logEverything() {
		this.logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.TRACE);
	}

	@AfterEach
	void noSecretWasLogged(CapturedOutput output) {
		this.logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, this.level);
		assertThat(output).contains("TRACE").doesNotContain(PASSWORD);
	}

	@Test
	void leadsWithABundleOfPemFiles() {
		pem().run((context) -> await().until(() -> context.getBean(LeaderElection.class).isLeader()));
	}

	@Test
	void aWrongPasswordIsShown() {
		pem().withPropertyValues("election.etcd.password=" + PASSWORD + "-wrong").run((context) -> {
			LeadershipEndpoint endpoint = context.getBean(LeadershipEndpoint.class);
			// A slow machine's first requests may be too late for an answer
			await().ignoreExceptions()
				.untilAsserted(() -> assertThat(endpoint.election("billing").lastError().message()).isEqualTo(
						"etcd refuses the user 'shop': etcdserver: authentication failed, invalid user ID or password"));
			assertThat(context.getBean(LeaderElection.class).isLeader()).isFalse();
		});
	}

	@Test
	void aPasswordIsAskedForAtEachConnection() {
		AtomicReference<String> password = new AtomicReference<>(PASSWORD + "-wrong");
		pem().withBean(EtcdConnectionDetails.class, () -> new EtcdConnectionDetails() {

			@Override
			public List<String> getEndpoints() {
				return List.of(server.endpoint());
			}

			@Override
			public String getUsername() {
				return "shop";
			}

			@Override
			public String getPassword() {
				return password.get();
			}

		}).run((context) -> {
			LeadershipEndpoint endpoint = context.getBean(LeadershipEndpoint.class);
			await().until(() -> endpoint.election("billing").lastError() != null);
			password.set(PASSWORD);
			await().until(() -> context.getBean(LeaderElection.class).isLeader());
		});
	}

	@Test
	void certificatesAreReplacedWhileTheApplicationRuns(@TempDir Path folder) throws Exception {
		ReplacedCertificates.assertTakeEffect(pem(), "etcd", certificates, folder);
	}

	private ApplicationContextRunner pem() {
		return this.runner.withPropertyValues(
				"spring.ssl.bundle.pem.etcd.truststore.certificate=" + url(certificates.caCertificate()),
				"spring.ssl.bundle.pem.etcd.keystore.certificate=" + url(certificates.clientCertificate()),
				"spring.ssl.bundle.pem.etcd.keystore.private-key=" + url(certificates.clientKey()));
	}

	@Test
	void leadsWithABundleOfKeyStores() {
		String keyStore = url(certificates.caCertificate().resolveSibling("all.p12"));
		this.runner.withPropertyValues("spring.ssl.bundle.jks.etcd.truststore.location=" + keyStore,
				"spring.ssl.bundle.jks.etcd.truststore.password=secret",
				"spring.ssl.bundle.jks.etcd.keystore.location=" + keyStore,
				"spring.ssl.bundle.jks.etcd.keystore.password=secret", "spring.ssl.bundle.jks.etcd.key.alias=client")
			.run((context) -> await().until(() -> context.getBean(LeaderElection.class).isLeader()));
	}

	private static String url(Path file) {
		return file.toUri().toString();
	}

}
