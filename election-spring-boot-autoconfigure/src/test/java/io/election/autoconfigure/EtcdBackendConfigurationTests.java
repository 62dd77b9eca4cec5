package io.election.autoconfigure;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

import io.election.store.Backend;
import io.election.store.etcd.EtcdSettings;
import io.election.testing.servers.TestCertificates;
import io.etcd.jetcd.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EtcdBackendConfiguration}. Nothing is connected to.
 */
class EtcdBackendConfigurationTests {

	private final ApplicationContextRunner unconfigured = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class, SslAutoConfiguration.class))
		.withPropertyValues("election.name=billing", "election.start=application-ready");

	private final ApplicationContextRunner runner = this.unconfigured
		.withPropertyValues("election.etcd.endpoints=http://etcd-0:2379,http://etcd-1");

	@Test
	void settingsComeFromProperties() {
		this.runner
			.withPropertyValues("election.etcd.username=elect", "election.etcd.password=secret",
					"election.etcd.authority=etcd.example.org", "election.etcd.prefix=shop/")
			.run((context) -> {
				assertThat(settings(context))
					.isEqualTo(new EtcdSettings(List.of(URI.create("http://etcd-0:2379"), URI.create("http://etcd-1")),
							"elect", "secret", null, "etcd.example.org", "shop/"));
				assertThat(context.getBean(Backend.class).name()).isEqualTo("etcd");
			});
	}

	@Test
	void connectionDetailsTakeThePlaceOfProperties() {
		this.runner.withPropertyValues("election.etcd.username=other", "election.etcd.prefix=shop/")
			.withBean(EtcdConnectionDetails.class, () -> () -> List.of("http://container:12379"))
			.run((context) -> assertThat(settings(context)).isEqualTo(
					new EtcdSettings(List.of(URI.create("http://container:12379")), null, null, null, null, "shop/")));
	}

	@Test
	void connectionDetailsMakeEtcdTheBackend() {
		this.unconfigured.withBean(EtcdConnectionDetails.class, () -> () -> List.of("http://container:12379"))
			.run((context) -> assertThat(context.getBean(Backend.class).name()).isEqualTo("etcd"));
	}

	@Test
	void settingsHaveDefaults() {
		this.runner.run((context) -> assertThat(settings(context)).satisfies((settings) -> {
			assertThat(settings.username()).isNull();
			assertThat(settings.password()).isNull();
			assertThat(settings.ssl()).isNull();
			assertThat(settings.authority()).isNull();
			assertThat(settings.prefix()).isEqualTo("election/");
		}));
	}

	@Test
	void withHttpsTheJvmSaysWhoIsTrusted() {
		this.unconfigured.withPropertyValues("election.etcd.endpoints=https://etcd-0:2379")
			.run((context) -> assertThat(settings(context).ssl().get().isClient()).isTrue());
	}

	@Test
	void aBundleSaysWhoIsTrusted() {
		TestCertificates certificates = TestCertificates.of("etcd");
		this.unconfigured
			.withPropertyValues("election.etcd.endpoints=https://etcd-0:2379", "election.etcd.ssl.bundle=etcd",
					"spring.ssl.bundle.pem.etcd.truststore.certificate=" + url(certificates.caCertificate()))
			.run((context) -> assertThat(settings(context).ssl().get().isClient()).isTrue());
	}

	@Test
	void anUnknownBundleIsExplained() {
		this.unconfigured
			.withPropertyValues("election.etcd.endpoints=https://etcd-0:2379", "election.etcd.ssl.bundle=etcd")
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.etcd.ssl.bundle is 'etcd', but there is no such SSL bundle."));
	}

	@Test
	void aBundleThatWouldNotBeUsedIsExplained() {
		TestCertificates certificates = TestCertificates.of("etcd");
		this.runner
			.withPropertyValues("election.etcd.ssl.bundle=etcd",
					"spring.ssl.bundle.pem.etcd.truststore.certificate=" + url(certificates.caCertificate()))
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.etcd.endpoints contains 'http://etcd-0:2379', but with another one of https, "
						+ "or an SSL bundle, all have to be of the form https://host:port."));
	}

	@ParameterizedTest
	@ValueSource(strings = { "etcd-0:2379", "http://etcd-0,etcd-1", "http://etcd-0,https://etcd-1" })
	void endpointsThatCannotBeUsedAreExplained(String endpoints) {
		this.unconfigured.withPropertyValues("election.backend=etcd", "election.etcd.endpoints=" + endpoints)
			.run((context) -> assertThat(analyze(context).getDescription())
				.startsWith("election.etcd.endpoints contains '")
				.contains("of the form http"));
	}

	@Test
	void secretsInEndpointsAreRefusedAndNotShown() {
		this.unconfigured.withPropertyValues("election.etcd.endpoints=http://user:sesame@etcd-0:2379")
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.etcd.endpoints contains 'http://etcd-0:2379', with a user or password, which "
						+ "belongs in election.etcd.username and password."));
	}

	@Test
	void aUserWithoutAPasswordIsExplained() {
		this.runner.withPropertyValues("election.etcd.username=elect")
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("Of election.etcd.username and election.etcd.password only one is set."));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/", "shop" })
	void aPrefixThatCannotBeUsedIsExplained(String prefix) {
		this.runner.withPropertyValues("election.etcd.prefix=" + prefix)
			.run((context) -> assertThat(analyze(context).getDescription()).isEqualTo(
					"election.etcd.prefix is '%s' but must end with a slash and be more than that.".formatted(prefix)));
	}

	@Test
	void missingEndpointsAreExplained() {
		this.unconfigured.withPropertyValues("election.backend=etcd")
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.isEqualTo("election.backend is 'etcd', but election.etcd.endpoints is not set.");
				assertThat(analysis.getAction()).contains("http://etcd-0:2379", "election.backend=memory");
			}));
	}

	@Test
	void etcdIsNotTakenWithoutEndpoints() {
		this.unconfigured.run((context) -> assertThat(analyze(context).getDescription())
			.contains("- etcd: election.etcd.endpoints is not set"));
	}

	@Test
	void aMissingLibraryIsExplained() {
		this.runner.withPropertyValues("election.backend=etcd")
			.withClassLoader(new FilteredClassLoader(Client.class))
			.run((context) -> assertThat(analyze(context).getAction())
				.startsWith("Add the dependency io.etcd:jetcd-core:"));
	}

	@Test
	void anotherBackendIsUsedWithoutTheLibrariesOfEtcd() {
		this.unconfigured.withPropertyValues("election.backend=memory")
			.withClassLoader(new FilteredClassLoader("io.etcd", "io.grpc", "io.netty"))
			.run((context) -> assertThat(context.getBean(Backend.class).name()).isEqualTo("memory"));
	}

	@Test
	void secretsAreNotShown() {
		this.runner.withPropertyValues("election.etcd.username=elect", "election.etcd.password=sesame")
			.run((context) -> assertThat(settings(context)).hasToString("http://etcd-0:2379, http://etcd-1"));
	}

	private static String url(Path file) {
		return file.toUri().toString();
	}

	private EtcdSettings settings(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return context.getBean(EtcdBackendOption.class).settings();
	}

	private FailureAnalysis analyze(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new ElectionConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
		assertThat(analysis).as("analysis of %s", context.getStartupFailure()).isNotNull();
		return analysis;
	}

}
