package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The user that this JVM runs as.
 */
final class CurrentUser {

	private CurrentUser() {
	}

	static boolean isRoot() {
		try {
			return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
