package io.election.autoconfigure;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.election.ElectionReports;
import io.election.store.Backend;
import io.election.store.nats.NatsSettings;
import io.election.testing.servers.TestCertificates;
import io.nats.client.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
 * Tests for {@link NatsBackendConfiguration}. Nothing is connected to.
 */
class NatsBackendConfigurationTests {

	private final ApplicationContextRunner unconfigured = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class, SslAutoConfiguration.class))
		.withPropertyValues("election.name=billing", "election.start=application-ready");

	private final ApplicationContextRunner runner = this.unconfigured
		.withPropertyValues("election.nats.servers=nats://nats-0:4222,nats://nats-1");

	@Test
	void settingsComeFromProperties() {
		this.runner
			.withPropertyValues("election.nats.username=elect", "election.nats.password=secret",
					"election.nats.bucket=shop", "election.nats.replicas=3", "election.nats.storage=memory",
					"election.nats.inbox-prefix=_INBOX_shop", "election.nats.domain=hub")
			.run((context) -> {
				assertThat(settings(context))
					.isEqualTo(new NatsSettings(List.of(URI.create("nats://nats-0:4222"), URI.create("nats://nats-1")),
							"elect", "secret", null, null, null, "hub", "shop", 3, true, "_INBOX_shop"));
				assertThat(context.getBean(Backend.class).name()).isEqualTo("nats");
				assertThat(context.getBean(ElectionReports.class).backend()).isEqualTo("nats, domain 'hub'");
			});
	}

	@Test
	void connectionDetailsTakeThePlaceOfProperties() {
		this.runner.withPropertyValues("election.nats.token=other", "election.nats.bucket=shop")
			.withBean(NatsConnectionDetails.class, () -> () -> List.of("nats://container:14222"))
			.run((context) -> assertThat(settings(context))
				.isEqualTo(new NatsSettings(List.of(URI.create("nats://container:14222")), null, null, null, null, null,
						null, "shop", 1, false, "_INBOX")));
	}

	@Test
	void connectionDetailsMakeNatsTheBackend() {
		this.unconfigured.withBean(NatsConnectionDetails.class, () -> () -> List.of("nats://container:14222"))
			.run((context) -> assertThat(context.getBean(Backend.class).name()).isEqualTo("nats"));
	}

	@Test
	void settingsHaveDefaults() {
		this.runner.run((context) -> assertThat(settings(context))
			.isEqualTo(new NatsSettings(List.of(URI.create("nats://nats-0:4222"), URI.create("nats://nats-1")), null,
					null, null, null, null, null, "election_lease", 1, false, "_INBOX")));
	}

	@Test
	void aTokenIsEnough() {
		this.runner.withPropertyValues("election.nats.token=secret")
			.run((context) -> assertThat(settings(context).token()).isEqualTo("secret"));
	}

	@Test
	void aFileOfCredentialsIsEnough(@TempDir Path folder) throws Exception {
		Path file = Files.createFile(folder.resolve("user.creds"));
		this.runner.withPropertyValues("election.nats.credentials=" + file)
			.run((context) -> assertThat(settings(context).credentials()).isEqualTo(file));
	}

	@Test
	void aMissingFileOfCredentialsIsExplained() {
		this.runner.withPropertyValues("election.nats.credentials=/nowhere/user.creds")
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.nats.credentials is '/nowhere/user.creds', which is no file that can be read."));
	}

	@Test
	void severalWaysToLogInAreExplained() {
		this.runner
			.withPropertyValues("election.nats.token=secret", "election.nats.username=elect",
					"election.nats.password=secret")
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("Of election.nats.username, token and credentials more than one is set."));
	}

	@Test
	void withTlsTheJvmSaysWhoIsTrusted() {
		this.unconfigured.withPropertyValues("election.nats.servers=tls://nats-0:4222")
			.run((context) -> assertThat(settings(context).ssl().get().getSocketFactory()).isNotNull());
	}

	@Test
	void aBundleSaysWhoIsTrusted() {
		TestCertificates certificates = TestCertificates.of("nats");
		this.runner
			.withPropertyValues("election.nats.ssl.bundle=nats",
					"spring.ssl.bundle.pem.nats.truststore.certificate=" + url(certificates.caCertificate()))
			.run((context) -> assertThat(settings(context).ssl().get().getSocketFactory()).isNotNull());
	}

	@Test
	void anUnknownBundleIsExplained() {
		this.runner.withPropertyValues("election.nats.ssl.bundle=nats")
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.nats.ssl.bundle is 'nats', but there is no such SSL bundle."));
	}

	@ParameterizedTest
	@ValueSource(strings = { "nats-0:4222", "ws://nats-0:4222", "nats://nats-0,nats-1" })
	void serversThatCannotBeUsedAreExplained(String servers) {
		this.unconfigured.withPropertyValues("election.backend=nats", "election.nats.servers=" + servers)
			.run((context) -> assertThat(analyze(context).getDescription())
				.startsWith("election.nats.servers contains '")
				.contains("which is not a URL of the form nats://host:port or tls://host:port"));
	}

	@Test
	void secretsInServersAreRefusedAndNotShown() {
		this.unconfigured.withPropertyValues("election.nats.servers=nats://user:sesame@nats-0:4222")
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.nats.servers contains 'nats://nats-0:4222', with a user or password, which "
						+ "belongs in election.nats.username, password or token."));
	}

	@Test
	void aUserWithoutAPasswordIsExplained() {
		this.runner.withPropertyValues("election.nats.username=elect")
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("Of election.nats.username and election.nats.password only one is set."));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a.b", "a b", "*", ">", "ü", "a/b" })
	void aBucketThatCannotBeIsExplained(String bucket) {
		this.runner.withPropertyValues("election.nats.bucket=" + bucket)
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.nats.bucket is '%s' but must consist of at most 200 letters, digits, hyphens and "
					.formatted(bucket) + "underscores."));
	}

	@ParameterizedTest
	@ValueSource(strings = { "_INBOX.>", "a b", "*", "a..b" })
	void anInboxPrefixThatCannotBeIsExplained(String prefix) {
		this.runner.withPropertyValues("election.nats.inbox-prefix=" + prefix)
			.run((context) -> assertThat(analyze(context).getDescription()).startsWith(
					"election.nats.inbox-prefix is '%s' but must be a subject without wildcards".formatted(prefix)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "2", "4", "6" })
	void replicasThatCannotBeAreExplained(String replicas) {
		this.runner.withPropertyValues("election.nats.replicas=" + replicas)
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("election.nats.replicas is %s but must be 1, 3 or 5.".formatted(replicas)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "*", "a/b", "..", "it's", "\"", "名前", "😀", ">" })
	void electionsMayHaveAnyName(String name) {
		this.runner.withPropertyValues("election.name=" + name).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aNameOf300CharactersIsExplained() {
		this.runner.withPropertyValues("election.name=" + "x".repeat(300))
			.run((context) -> assertThat(analyze(context).getDescription()).contains("has 300 characters"));
	}

	@Test
	void missingServersAreExplained() {
		this.unconfigured.withPropertyValues("election.backend=nats")
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.isEqualTo("election.backend is 'nats', but election.nats.servers is not set.");
				assertThat(analysis.getAction()).contains("nats://nats-0:4222", "election.backend=memory");
			}));
	}

	@Test
	void natsIsNotTakenWithoutServers() {
		this.unconfigured.run((context) -> assertThat(analyze(context).getDescription())
			.contains("- nats: election.nats.servers is not set"));
	}

	@Test
	void aMissingLibraryIsExplained() {
		this.runner.withPropertyValues("election.backend=nats")
			.withClassLoader(new FilteredClassLoader(Connection.class))
			.run((context) -> assertThat(analyze(context).getAction()).startsWith("Add the dependency io.nats:jnats:"));
	}

	@Test
	void anotherBackendIsUsedWithoutTheLibraryOfNats() {
		this.unconfigured.withPropertyValues("election.backend=memory")
			.withClassLoader(new FilteredClassLoader("io.nats"))
			.run((context) -> assertThat(context.getBean(Backend.class).name()).isEqualTo("memory"));
	}

	@Test
	void secretsAreNotShown() {
		this.runner.withPropertyValues("election.nats.token=sesame")
			.run((context) -> assertThat(settings(context)).hasToString("nats://nats-0:4222, nats://nats-1"));
	}

	private static String url(Path file) {
		return file.toUri().toString();
	}

	private NatsSettings settings(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return context.getBean(NatsBackendOption.class).settings();
	}

	private FailureAnalysis analyze(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new ElectionConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
		assertThat(analysis).as("analysis of %s", context.getStartupFailure()).isNotNull();
		return analysis;
	}

}
