package io.election.testing.single;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

import io.election.testing.integration.ElectionBackend;
import io.election.testing.integration.ElectionServer;
import io.election.testing.servers.JavaProcess;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the executable jar of an application with the client library of one backend, on a
 * server of that backend.
 */
class SingleLibraryIT {

	private static final Path JAR = Path.of(System.getProperty("application.jar"));

	private static final String LIBRARY = System.getProperty("application.library");

	private static final ElectionBackend BACKEND = ElectionBackend.of(System.getProperty("application.backend"));

	private static final Duration LIMIT = Duration.ofSeconds(60);

	@Test
	void elects() {
		try (ElectionServer server = BACKEND.newServer()) {
			server.server().start();
			Stream<String> properties = server.properties("minimal", Duration.ofSeconds(3)).stream();
			try (JavaProcess application = JavaProcess.ofJar(JAR)
				.arguments(properties.map((property) -> "--" + property).toArray(String[]::new))
				.start()) {
				application.awaitLine((line) -> line.startsWith("granted minimal with token "), LIMIT);
				application.sigterm();
				application.awaitLine("revoked minimal: STOPPED"::equals, LIMIT);
				assertThat(application.awaitExit(LIMIT)).isEqualTo(128 + 15);
			}
		}
	}

	@Test
	void hasOneClientLibrary() throws IOException {
		try (JarFile jar = new JarFile(JAR.toFile())) {
			assertThat(jar.stream().map(ZipEntry::getName).map(SingleLibraryIT::library))
				.filteredOn((name) -> name.matches("postgresql|mysql-connector-j|mariadb-java-client|jetcd-core|jnats"
						+ "|HikariCP|spring-jdbc|spring-boot-jdbc"))
				.containsExactly(LIBRARY);
		}
	}

	private static String library(String entry) {
		return entry.replaceFirst("BOOT-INF/lib/", "").replaceFirst("-\\d.*", "");
	}

}
