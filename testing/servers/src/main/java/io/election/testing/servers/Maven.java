package io.election.testing.servers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The machine's own Maven, which fetches artifacts that are not on the class path.
 * <p>
 * Running it keeps the user's settings (mirrors, proxies, credentials) in force and every
 * host name out of this code.
 */
final class Maven {

	private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy";

	private Maven() {
	}

	/**
	 * Fetch an artifact.
	 * @param artifact its coordinates, {@code group:artifact:version}
	 * @param folder an empty folder to put it into
	 * @return the file
	 * @throws IOException if it cannot be had; the message says what is missing
	 */
	static Path fetch(String artifact, Path folder) throws IOException {
		List<String> command = new ArrayList<>(List.of(executable(artifact).toString(), "-B", "-q", COPY,
				"-Dartifact=" + artifact, "-DoutputDirectory=" + folder, "-Dmdep.overWriteReleases=true"));
		// A build that was told to use another repository passes this on to its tests
		String repository = System.getProperty("maven.repo.local");
		if (repository != null) {
			command.add("-Dmaven.repo.local=" + repository);
		}
		Command maven = Command.run(command, folder, Map.of("JAVA_HOME", System.getProperty("java.home")));
		try (Stream<Path> files = Files.list(folder)) {
			List<Path> fetched = files.toList();
			if (!maven.succeeded() || fetched.size() != 1) {
				throw new IOException("Maven could not fetch " + artifact + ". It takes a connection to Maven Central,"
						+ " or to a mirror in ~/.m2/settings.xml.\nCommand: " + String.join(" ", command) + "\nStatus: "
						+ maven.status() + "\nOutput: " + maven.text());
			}
			return fetched.get(0);
		}
	}

	private static Path executable(String artifact) throws IOException {
		List<Path> candidates = Stream.concat(
				Stream.of(System.getProperty("maven.home"), System.getenv("MAVEN_HOME"), System.getenv("M2_HOME"))
					.filter(Objects::nonNull)
					.map((home) -> Path.of(home, "bin")),
				Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator))
					.filter((folder) -> !folder.isEmpty())
					.map(Path::of))
			.map((folder) -> folder.resolve("mvn"))
			.toList();
		return candidates.stream()
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(() -> new IOException("No Maven was found to fetch " + artifact
					+ " with. Install Maven 3.8 or later (on Debian: apt-get install maven) so that 'mvn' is on the PATH,"
					+ " or set MAVEN_HOME or -Dmaven.home. Looked for " + candidates));
	}

}
