package io.election.testing.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A wrong wall clock for a process: libfaketime of Debian or Ubuntu, unpacked without
 * being installed. Monotonic clocks stay right.
 */
public final class FakeTime {

	private static final String LIBRARY = "libfaketimeMT.so.1";

	private FakeTime() {
	}

	/**
	 * Return what the environment of a process must hold.
	 * @param offset how much its wall clock is fast; negative if it is slow
	 * @return the variables
	 * @throws java.io.UncheckedIOException if libfaketime cannot be had; the message says
	 * what is missing
	 */
	public static Map<String, String> environment(Duration offset) {
		String seconds = (offset.isNegative() ? "" : "+") + offset.toSeconds() + "s";
		// Without the last one, every timed wait of a JVM ends at once
		return Map.of("LD_PRELOAD", library().toString(), "FAKETIME", seconds, "FAKETIME_DONT_FAKE_MONOTONIC", "1",
				"FAKETIME_FORCE_MONOTONIC_FIX", "0");
	}

	private static Path library() {
		Path unpacked = ServerCache.folder("libfaketime", "unpacked from the package libfaketime", FakeTime::fetch);
		return unpacked.resolve(LIBRARY);
	}

	private static void fetch(Path folder) throws IOException {
		Path download = Files.createDirectory(folder.resolve("download"));
		Command fetched = download(download);
		if (!fetched.succeeded()) {
			// The lists of a fresh machine are empty, and only root may fetch them
			Command.run("apt-get", "update", "-q");
			fetched = download(download);
		}
		if (!fetched.succeeded()) {
			throw new IOException("The package libfaketime cannot be fetched. It takes a Debian or an Ubuntu and the "
					+ "lists of its packages (apt-get update):\n" + fetched.text());
		}
		Path unpacked = folder.resolve("unpacked");
		Command unpack = Command.run("dpkg-deb", "--extract", only(download, ".deb").toString(), unpacked.toString());
		if (!unpack.succeeded()) {
			throw new IOException("Cannot unpack libfaketime: " + unpack.text());
		}
		Files.move(only(unpacked, LIBRARY), folder.resolve(LIBRARY));
		FileTrees.delete(unpacked);
		FileTrees.delete(download);
	}

	private static Command download(Path folder) throws IOException {
		return Command.run(List.of("apt-get", "download", "-q", "libfaketime"), folder, Map.of("LC_ALL", "C"));
	}

	private static Path only(Path folder, String suffix) throws IOException {
		try (Stream<Path> files = Files.walk(folder)) {
			return files.filter((file) -> file.toString().endsWith(suffix))
				.findFirst()
				.orElseThrow(() -> new IOException("The package libfaketime holds no *" + suffix));
		}
	}

}
