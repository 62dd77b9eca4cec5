package io.election.testing.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What apt knows about one suite of Debian, kept apart from the machine's own apt.
 * <p>
 * The machine's apt configuration counts for how things are fetched (proxies,
 * credentials) and from which mirror; Debian's archive keys are what the suite must be
 * signed with.
 */
final class AptRoot {

	/**
	 * The system property that names a mirror of Debian, for machines whose apt knows
	 * none.
	 */
	static final String MIRROR_PROPERTY = "election.testing.debian-mirror";

	private static final Path KEYS = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");

	private static final Pattern TO_INSTALL = Pattern.compile("^Inst (\\S+) \\((\\S+) ", Pattern.MULTILINE);

	private static final Map<String, String> ENVIRONMENT = Map.of("LC_ALL", "C.UTF-8");

	// The packages in use on this machine count for nothing: an empty "status".
	// A suite that its mirror no longer updates is as good as any, but not unsigned.
	// Hooks of the machine's configuration could change the machine.
	private static final String CONFIGURATION = """
			Dir::Etc::sourcelist "%1$s/sources.list";
			Dir::Etc::sourceparts "/dev/null";
			Dir::Etc::preferences "/dev/null";
			Dir::Etc::preferencesparts "/dev/null";
			Dir::State "%1$s/state";
			Dir::State::status "%1$s/status";
			Dir::Cache "%1$s/cache";
			Dir::Cache::pkgcache "pkgcache.bin";
			Dir::Cache::srcpkgcache "srcpkgcache.bin";
			APT::Sandbox::User "root";
			APT::Install-Recommends "false";
			APT::Install-Suggests "false";
			APT::Update::Error-Mode "any";
			APT::Get::AllowUnauthenticated "false";
			Acquire::AllowInsecureRepositories "false";
			Acquire::AllowWeakRepositories "false";
			Acquire::Check-Valid-Until "false";
			Acquire::Languages "none";
			Acquire::PDiffs "false";
			Acquire::Retries "2";
			#clear APT::Update::Pre-Invoke;
			#clear APT::Update::Post-Invoke;
			#clear APT::Update::Post-Invoke-Success;
			""";

	private final Path folder;

	private AptRoot(Path folder) {
		this.folder = folder;
	}

	/**
	 * Return a suite's packages as its mirror has them now.
	 * @param suite the suite, such as {@code sid}
	 * @param folder where apt keeps what it knows, from one time to the next; used by
	 * nobody else meanwhile
	 * @return the suite
	 * @throws IOException if it cannot be had
	 */
	static AptRoot of(String suite, Path folder) throws IOException {
		Files.createDirectories(folder.resolve("state/lists/partial"));
		Files.createDirectories(folder.resolve("cache/archives/partial"));
		Files.writeString(folder.resolve("status"), "");
		Files.writeString(folder.resolve("apt.conf"), CONFIGURATION.formatted(folder));
		AptRoot apt = new AptRoot(folder);
		apt.update(suite);
		return apt;
	}

	// A machine may know mirrors of other things too: the right one has what Debian
	// signed
	private void update(String suite) throws IOException {
		if (!Files.exists(KEYS)) {
			throw new IOException(KEYS + " is missing: install debian-archive-keyring");
		}
		StringBuilder problems = new StringBuilder();
		for (String mirror : mirrors()) {
			Files.writeString(this.folder.resolve("sources.list"),
					"deb [signed-by=%s target=Packages] %s %s main%n".formatted(KEYS, mirror, suite));
			Command update = run("update");
			if (update.succeeded()) {
				return;
			}
			problems.append("\n").append(mirror).append(": ").append(update.text());
		}
		throw new IOException("No mirror that apt knows here has Debian's " + suite + " (-D" + MIRROR_PROPERTY
				+ "=<URL> names another one)" + problems);
	}

	private static List<String> mirrors() throws IOException {
		String mirror = System.getProperty(MIRROR_PROPERTY);
		if (mirror != null) {
			return List.of(mirror);
		}
		Command targets = Command
			.run("apt-get", "indextargets", "--format", "$(COMPONENT) $(REPO_URI)", "Created-By: Packages")
			.required();
		return targets.output()
			.lines()
			.filter((line) -> line.startsWith("main "))
			.map((line) -> line.substring("main ".length()))
			.distinct()
			.toList();
	}

	/**
	 * Return the packages and all that they depend on.
	 * @param packages the names of the packages
	 * @return the packages, as {@code name=version}
	 * @throws IOException if there are none
	 */
	List<String> withDependencies(List<String> packages) throws IOException {
		String plan = run(
				Stream.concat(Stream.of("install", "--simulate", "-qq"), packages.stream()).toArray(String[]::new))
			.required()
			.output();
		List<String> pinned = TO_INSTALL.matcher(plan).results().map(AptRoot::pin).toList();
		if (pinned.isEmpty()) {
			throw new IOException("apt would install nothing for " + packages + ": " + plan);
		}
		return pinned;
	}

	private static String pin(MatchResult install) {
		return install.group(1) + "=" + install.group(2);
	}

	/**
	 * Fetch packages, checked by the hashes of the signed index.
	 * @param pinned the packages, as {@code name=version}
	 * @param target an empty folder to put them into
	 * @throws IOException if one cannot be had
	 */
	void download(List<String> pinned, Path target) throws IOException {
		List<String> command = new ArrayList<>(command("download", "-qq"));
		command.addAll(pinned);
		Command.run(command, target, ENVIRONMENT).required();
	}

	private Command run(String... arguments) throws IOException {
		return Command.run(command(arguments), this.folder, ENVIRONMENT);
	}

	private List<String> command(String... arguments) {
		return Stream
			.concat(Stream.of("apt-get", "-c", this.folder.resolve("apt.conf").toString()), Stream.of(arguments))
			.toList();
	}

}
