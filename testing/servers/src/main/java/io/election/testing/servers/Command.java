package io.election.testing.servers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A short command of the machine, run to its end.
 *
 * @param status its exit status, 0 if it went well
 * @param output what it printed, errors included
 */
record Command(int status, String output) {

	boolean succeeded() {
		return this.status == 0;
	}

	static Command run(String... command) throws IOException {
		return run(new ProcessBuilder(command));
	}

	static Command run(List<String> command, Path directory, Map<String, String> environment) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
		builder.environment().putAll(environment);
		return run(builder);
	}

	private static Command run(ProcessBuilder builder) throws IOException {
		Process process = builder.redirectErrorStream(true).start();
		try (InputStream output = process.getInputStream()) {
			process.getOutputStream().close();
			String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
			return new Command(process.waitFor(), text.strip());
		}
		catch (InterruptedException ex) {
			process.destroyForcibly();
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted while running " + builder.command(), ex);
		}
	}

}
