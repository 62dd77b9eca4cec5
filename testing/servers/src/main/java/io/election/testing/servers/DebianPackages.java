package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A server as Debian packages it, unpacked into the {@link ServerCache} without touching
 * the machine it runs on.
 * <p>
 * A suite has one version at a time, and the unstable one soon has another. So it is the
 * suite that decides on the version, once: what the cache has is used without asking
 * again.
 *
 * @param product what people call the server, version included
 * @param suite the suite of Debian
 * @param version matches the versions that count as this product, without Debian's own
 * parts
 * @param packages the names of the packages; the version is that of the first
 * @param programs the programs that are used, as paths; other ones are not kept
 * @param withLibraries whether the programs need libraries of the suite, rather than
 * nothing but the machine's libc
 */
record DebianPackages(String product, String suite, Pattern version, List<String> packages, List<String> programs,
		boolean withLibraries) {

	/**
	 * Return the server, fetched if this machine has none yet.
	 * @return the server
	 */
	DebianInstallation install() {
		String entry = this.product.toLowerCase(Locale.ROOT).replace(' ', '-') + "-debian-" + this.suite;
		Path content = ServerCache.folder(entry, toString(), this::fetch);
		try (Stream<Path> versions = Files.list(content)) {
			return new DebianInstallation(versions.findFirst().orElseThrow(), this.withLibraries);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void fetch(Path folder) throws IOException {
		System.out.println("[servers] Fetching " + this.product + " from Debian's " + this.suite + " with apt ("
				+ String.join(", ", this.packages) + ") into " + ServerCache.root() + ": once on this machine");
		try {
			ServerCache.lock(ServerCache.root().resolve("apt-" + this.suite),
					(apt) -> fetch(AptRoot.of(this.suite, apt), folder));
		}
		catch (IOException ex) {
			throw new IOException(
					this.product + " comes from Debian's " + this.suite
							+ ". It takes apt-get and dpkg-deb (install apt and dpkg), Debian's keys (install"
							+ " debian-archive-keyring) and a connection to a mirror of Debian:\n" + ex.getMessage(),
					ex);
		}
	}

	private void fetch(AptRoot apt, Path folder) throws IOException {
		String first = this.packages.get(0) + "=";
		List<String> closure = apt.withDependencies(this.packages);
		String found = closure.stream()
			.filter((pinned) -> pinned.startsWith(first))
			.map((pinned) -> upstream(pinned.substring(first.length())))
			.findFirst()
			.orElseThrow();
		if (!this.version.matcher(found).matches()) {
			throw new IOException("Debian's " + this.suite + " has " + first + found + " now, no " + this.product
					+ " any more: name another suite, or what it has now");
		}
		Path download = Files.createDirectory(folder.resolve("download"));
		apt.download(closure.stream().filter((pinned) -> isNeeded(nameOf(pinned))).toList(), download);
		Path root = Files.createDirectory(folder.resolve(found));
		try (DirectoryStream<Path> archives = Files.newDirectoryStream(download)) {
			for (Path archive : archives) {
				Command.run("dpkg-deb", "--extract", archive.toString(), root.toString()).required();
			}
		}
		FileTrees.delete(download);
		deleteProgramsExcept(root, this.programs.stream().map(root::resolve).toList()::contains);
	}

	// Scripts beside the servers are what needs Perl
	private boolean isNeeded(String name) {
		return this.packages.contains(name)
				|| (this.withLibraries && !name.startsWith("perl") && !name.startsWith("libperl"));
	}

	private static void deleteProgramsExcept(Path root, Predicate<Path> needed) throws IOException {
		for (String folder : List.of("usr/bin", "usr/sbin")) {
			if (Files.exists(root.resolve(folder))) {
				try (DirectoryStream<Path> programs = Files.newDirectoryStream(root.resolve(folder))) {
					for (Path program : programs) {
						if (!needed.test(program)) {
							Files.delete(program);
						}
					}
				}
			}
		}
	}

	private static String nameOf(String pinned) {
		return pinned.substring(0, pinned.indexOf('='));
	}

	// [epoch:]upstream[-revision], such as 1:10.11.18-0+deb12u1
	private static String upstream(String version) {
		String withRevision = version.substring(version.indexOf(':') + 1);
		int revision = withRevision.lastIndexOf('-');
		return (revision < 0) ? withRevision : withRevision.substring(0, revision);
	}

}
