package io.election.testing.minimal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

import io.election.testing.servers.JavaProcess;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the executable jar of {@link MinimalApplication}: no test library and nothing
 * optional is on its class path.
 */
class MinimalApplicationIT {

	private static final Path JAR = Path.of(System.getProperty("application.jar"));

	private static final Duration LIMIT = Duration.ofSeconds(60);

	@Test
	void leadsUntilItIsAskedToEnd() {
		try (JavaProcess application = start("--election.backend=memory", "--election.name=minimal")) {
			application.awaitLine("granted minimal with token 1"::equals, LIMIT);
			application.sigterm();
			application.awaitLine("revoked minimal: STOPPED"::equals, LIMIT);
			assertThat(application.awaitExit(LIMIT)).isEqualTo(128 + 15);
		}
	}

	@Test
	void endsWithItsWorkIfElectionsAreNotToKeepItAlive() {
		try (JavaProcess application = start("--election.backend=memory", "--election.name=minimal",
				"--election.keep-alive=false")) {
			assertThat(application.awaitExit(LIMIT)).isZero();
		}
	}

	@Test
	void runsWithoutAnyConfigurationIfElectionsAreDisabled() {
		try (JavaProcess application = start("--election.enabled=false")) {
			assertThat(application.awaitExit(LIMIT)).isZero();
			assertThat(application.lines()).contains("takes part in application: UNKNOWN")
				.noneMatch((line) -> line.startsWith("granted"));
		}
	}

	@Test
	void saysWhatToConfigure() {
		try (JavaProcess application = start("--election.name=minimal")) {
			assertThat(application.awaitExit(LIMIT)).isOne();
			assertThat(application.lines()).contains("APPLICATION FAILED TO START",
					"election.backend is not set, and no backend is configured:",
					"    - postgres: needs the dependency org.postgresql:postgresql, in the version that Spring Boot manages");
		}
	}

	@Test
	void leadsIfItWasProcessedAheadOfTime() {
		try (JavaProcess application = startProcessed("--election.backend=memory", "--election.name=minimal")) {
			application.awaitLine("granted minimal with token 1"::equals, LIMIT);
			application.sigterm();
			application.awaitLine("revoked minimal: STOPPED"::equals, LIMIT);
			assertThat(application.awaitExit(LIMIT)).isEqualTo(128 + 15);
			assertThat(application.lines()).anyMatch((line) -> line.contains("Starting AOT-processed"));
		}
	}

	@Test
	void electionsCanBeDisabledAfterItWasProcessedAheadOfTime() {
		try (JavaProcess application = startProcessed("--election.enabled=false", "--election.name=minimal")) {
			assertThat(application.awaitExit(LIMIT)).isZero();
			assertThat(application.lines()).contains("takes part in minimal: UNKNOWN")
				.noneMatch((line) -> line.startsWith("granted"));
		}
	}

	@Test
	void saysWhatToConfigureAlsoIfItWasProcessedAheadOfTime() {
		try (JavaProcess application = startProcessed("--election.name=minimal", "--election.backend=carrier-pigeon")) {
			assertThat(application.awaitExit(LIMIT)).isOne();
			assertThat(application.lines()).contains("APPLICATION FAILED TO START");
		}
	}

	@Test
	void nothingOptionalIsOnItsClassPath() throws IOException {
		try (JarFile jar = new JarFile(JAR.toFile())) {
			List<String> libraries = jar.stream()
				.map(ZipEntry::getName)
				.filter((name) -> name.startsWith("BOOT-INF/lib/") && name.endsWith(".jar"))
				.toList();
			assertThat(libraries).anyMatch((name) -> name.contains("election-spring-boot-autoconfigure"))
				.noneMatch((name) -> name.matches(".*/(HikariCP|micrometer-core|postgresql|jackson-.*|spring-jdbc"
						+ "|spring-web.*|spring-boot-(actuator|health|jdbc|micrometer).*)-\\d.*"));
		}
	}

	private JavaProcess startProcessed(String... arguments) {
		return JavaProcess.ofJar(JAR).options("-Dspring.aot.enabled=true").arguments(arguments).start();
	}

	private JavaProcess start(String... arguments) {
		return JavaProcess.ofJar(JAR).arguments(arguments).start();
	}

}
