package io.election.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.election.OnEachVersion;
import io.election.ElectionReports;
import io.election.LeaderElection;
import io.election.actuate.LeadershipEndpoint;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;
import io.election.testing.servers.TestCertificates;
import io.nats.client.NKey;
import io.nats.client.support.JwtUtils;
import org.junit.jupiter.api.AfterEach;
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
 * Runs elections over mutual TLS and with everything that NATS accepts as a login,
 * configured by properties, and looks for the secrets in the log.
 */
@OnEachVersion(NatsVersion.class)
@ExtendWith(OutputCaptureExtension.class)
class ElectionOnSecuredNatsIT {

	private static final String SECRET = "sesame-8b3e";

	private static final TestCertificates certificates = TestCertificates.of("nats");

	private final LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());

	private final LogLevel level = this.logging.getLoggerConfiguration(LoggingSystem.ROOT_LOGGER_NAME)
		.getEffectiveLevel();

	private final NatsServer server;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class, SslAutoConfiguration.class,
				LeadershipEndpointAutoConfiguration.class))
		.withPropertyValues("election.name=billing", "management.endpoints.web.exposure.include=leadership");

	ElectionOnSecuredNatsIT(NatsVersion version) {
		this.server = new NatsServer(version);
	}

	@BeforeEach
	void logEverything() {
		this.logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.TRACE);
	}

	@AfterEach
	void noSecretWasLogged(CapturedOutput output) {
		this.logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, this.level);
		this.server.close();
		assertThat(output).contains("TRACE").doesNotContain(SECRET);
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
			.noneMatch((name) -> name.contains(SECRET));
	}

	@Test
	void leadsWithAPassword() {
		this.server.user("shop", SECRET).start();
		assertLeads(plain("election.nats.username=shop", "election.nats.password=" + SECRET));
	}

	@Test
	void leadsWithAToken() {
		this.server.token(SECRET).start();
		assertLeads(plain("election.nats.token=" + SECRET));
	}

	@Test
	void leadsWithAFileOfCredentials(@TempDir Path folder) throws Exception {
		Path file = Files.writeString(folder.resolve("user.creds"), configureAccounts());
		this.server.start();
		assertLeads(plain("election.nats.credentials=" + file));
	}

	@Test
	void leadsOverMutualTlsWithABundleOfPemFiles() {
		this.server.tls(certificates, true).user("shop", SECRET).start();
		assertLeads(pem(certificates, "127.0.0.1", "election.nats.username=shop", "election.nats.password=" + SECRET));
	}

	@Test
	void leadsOverMutualTlsWithABundleOfKeyStores() {
		this.server.tls(certificates, true).start();
		String keyStore = url(certificates.caCertificate().resolveSibling("all.p12"));
		assertLeads(plain("election.nats.ssl.bundle=nats", "spring.ssl.bundle.jks.nats.truststore.location=" + keyStore,
				"spring.ssl.bundle.jks.nats.truststore.password=secret",
				"spring.ssl.bundle.jks.nats.keystore.location=" + keyStore,
				"spring.ssl.bundle.jks.nats.keystore.password=secret", "spring.ssl.bundle.jks.nats.key.alias=client"));
	}

	@Test
	void theNameInTheCertificateIsThatOfTheHost() {
		this.server.tls(certificates, true).start();
		assertLeads(pem(certificates, "localhost"));
	}

	@Test
	void aCertificateThatIsNotForTheHostIsRefused() {
		this.server
			.setting("tls",
					"{ cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\" }".formatted(
							certificates.clientCertificate(), certificates.clientKey(), certificates.caCertificate()))
			.start();
		assertError(pem(certificates, "127.0.0.1"), "No subject alternative names");
	}

	@Test
	void aServerThatIsNotTrustedIsRefused() {
		this.server.tls(certificates, false).start();
		assertError(pem(TestCertificates.of("other"), "127.0.0.1"), "unable to find valid certification path");
	}

	@Test
	void aTokenIsAskedForAtEachConnection() {
		AtomicReference<String> token = new AtomicReference<>(SECRET + "-wrong");
		this.server.token(SECRET).start();
		this.runner.withBean(NatsConnectionDetails.class, () -> new NatsConnectionDetails() {

			@Override
			public List<String> getServers() {
				return List.of(ElectionOnSecuredNatsIT.this.server.url());
			}

			@Override
			public String getToken() {
				return token.get();
			}

		}).run((context) -> {
			LeadershipEndpoint endpoint = context.getBean(LeadershipEndpoint.class);
			await().until(() -> endpoint.election("billing").lastError() != null);
			token.set(SECRET);
			await().until(() -> context.getBean(LeaderElection.class).isLeader());
		});
	}

	@Test
	void certificatesAreReplacedWhileTheApplicationRuns(@TempDir Path folder) throws Exception {
		this.server.tls(certificates, true).start();
		ReplacedCertificates.assertTakeEffect(pem(certificates, "127.0.0.1"), "nats", certificates, folder);
	}

	@Test
	void aWrongPasswordIsShown() {
		this.server.user("shop", "another").start();
		assertError(plain("election.nats.username=shop", "election.nats.password=" + SECRET),
				"NATS refuses the user 'shop': Authorization Violation");
	}

	@Test
	void aWrongTokenIsShown() {
		this.server.token("another").start();
		assertError(plain("election.nats.token=" + SECRET), "NATS refuses the token: Authorization Violation");
	}

	@Test
	void aHostThatCannotBeReachedIsShown() {
		this.server.start();
		String url = this.server.url();
		this.server.stop();
		assertError(this.runner.withPropertyValues("election.nats.servers=" + url, "election.nats.token=" + SECRET),
				"No connection to NATS at " + url + ": Connection refused");
		assertError(this.runner.withPropertyValues("election.nats.servers=nats://nowhere.invalid:4222"),
				"No connection to NATS at nats://nowhere.invalid:4222: ");
	}

	@Test
	void withoutPermissionForTheListOfCandidatesElectionsGoOn() {
		this.server
			.setting("authorization",
					"""
							{ users: [ { user: "shop", password: "%s", permissions: { publish: { deny: [
							  "$KV.election_lease_candidates.>", "$JS.API.STREAM.*.KV_election_lease_candidates" ] } } } ] }"""
						.formatted(SECRET))
			.start();
		plain("election.nats.username=shop", "election.nats.password=" + SECRET, "election.lease-duration=6s",
				"election.renew-deadline=4s", "election.retry-period=1s")
			.run((context) -> {
				LeaderElection election = context.getBean(LeaderElection.class);
				await().until(election::isLeader);
				long token = election.leadership().orElseThrow().fencingToken();
				ElectionReports reports = context.getBean(ElectionReports.class);
				await().atMost(Duration.ofSeconds(60)).until(() -> reports.report("billing").warnings().size() == 1);
				assertThat(reports.report("billing").warnings().get(0)).contains("The list of candidates cannot be ",
						"Permissions Violation");
				assertThat(reports.report("billing").lastError()).isNull();
				assertThat(election.leadership().orElseThrow().fencingToken()).isEqualTo(token);
			});
	}

	private void assertLeads(ApplicationContextRunner application) {
		application.run((context) -> await().until(() -> context.getBean(LeaderElection.class).isLeader()));
	}

	private void assertError(ApplicationContextRunner application, String message) {
		application.run((context) -> {
			LeadershipEndpoint endpoint = context.getBean(LeadershipEndpoint.class);
			await().untilAsserted(() -> {
				assertThat(endpoint.election("billing").lastError()).isNotNull();
				assertThat(endpoint.election("billing").lastError().message()).contains(message);
			});
			assertThat(context.getBean(LeaderElection.class).isLeader()).isFalse();
		});
	}

	private ApplicationContextRunner plain(String... properties) {
		return this.runner.withPropertyValues("election.nats.servers=" + this.server.url())
			.withPropertyValues(properties);
	}

	private ApplicationContextRunner pem(TestCertificates known, String host, String... properties) {
		return this.runner
			.withPropertyValues("election.nats.servers=tls://" + host + ":" + this.server.port(),
					"election.nats.ssl.bundle=nats",
					"spring.ssl.bundle.pem.nats.truststore.certificate=" + url(known.caCertificate()),
					"spring.ssl.bundle.pem.nats.keystore.certificate=" + url(known.clientCertificate()),
					"spring.ssl.bundle.pem.nats.keystore.private-key=" + url(known.clientKey()))
			.withPropertyValues(properties);
	}

	private static String url(Path file) {
		return file.toUri().toString();
	}

	/**
	 * Makes the server trust an operator.
	 * @return a user of an account of the operator
	 */
	private String configureAccounts() throws Exception {
		SecureRandom random = new SecureRandom();
		NKey operator = NKey.createOperator(random);
		NKey account = NKey.createAccount(random);
		NKey system = NKey.createAccount(random);
		NKey user = NKey.createUser(random);
		String unlimited = "\"subs\":-1,\"data\":-1,\"payload\":-1,\"imports\":-1,\"exports\":-1,\"wildcards\":true,"
				+ "\"conn\":-1,\"leaf\":-1";
		String jetStream = ",\"mem_storage\":-1,\"disk_storage\":-1,\"streams\":-1,\"consumer\":-1";
		this.server
			.configuration("""
					operator: "%s"
					system_account: %s
					resolver: MEMORY
					resolver_preload: { %s: "%s", %s: "%s" }
					""".formatted(
					jwt(operator, operator,
							"{\"type\":\"operator\",\"version\":2,\"system_account\":\"%s\"}"
								.formatted(publicKey(system))),
					publicKey(system), publicKey(system),
					jwt(operator, system, "{\"limits\":{%s},\"type\":\"account\",\"version\":2}".formatted(unlimited)),
					publicKey(account), jwt(operator, account,
							"{\"limits\":{%s%s},\"type\":\"account\",\"version\":2}".formatted(unlimited, jetStream))));
		String jwt = JwtUtils.issueUserJWT(account, publicKey(account), publicKey(user));
		return JwtUtils.NATS_USER_JWT_FORMAT.formatted(jwt, new String(user.getSeed()));
	}

	private static String jwt(NKey issuer, NKey subject, String claims) throws Exception {
		return JwtUtils.issueJWT(issuer, publicKey(subject), "name", null, JwtUtils.currentTimeSeconds(),
				publicKey(issuer), () -> claims);
	}

	private static String publicKey(NKey key) throws Exception {
		return new String(key.getPublicKey());
	}

}
