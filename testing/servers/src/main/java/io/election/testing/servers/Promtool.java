package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What checks and tests the rules of a Prometheus: {@code promtool}, as Debian packages
 * it.
 */
public final class Promtool {

	private static final String PROGRAM = "usr/bin/promtool";

	private static final DebianPackages PACKAGES = new DebianPackages("prometheus 2", "bookworm",
			Pattern.compile("2\\..*"), List.of("prometheus"), List.of(PROGRAM), false);

	private Promtool() {
	}

	/**
	 * Run it, fetched if this machine has none yet.
	 * @param arguments its arguments, such as {@code test rules file.yaml}
	 * @throws UncheckedIOException if it finds something wrong; the message has what it
	 * says
	 */
	public static void run(String... arguments) {
		List<String> command = PACKAGES.install().command(PROGRAM, arguments);
		try {
			Command.run(command.toArray(String[]::new)).required();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
