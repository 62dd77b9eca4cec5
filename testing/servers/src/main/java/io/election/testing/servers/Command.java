package io.election.testing.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A short command of the machine, run to its end.
 *
 * @param words its words
 * @param status its exit status, 0 if it went well
 * @param output what it printed to its standard output
 * @param errors what it printed to its standard error
 */
record Command(List<String> words, int status, String output, String errors) {

	boolean succeeded() {
		return this.status == 0;
	}

	/**
	 * Return this command if it went well.
	 * @return this command
	 * @throws IOException if it did not; the message tells all that is known
	 */
	Command required() throws IOException {
		if (!succeeded()) {
			throw new IOException(String.join(" ", this.words) + " ended with status " + this.status + ":\n" + text());
		}
		return this;
	}

	/**
	 * Return all that it printed, for people.
	 * @return the text
	 */
	String text() {
		return (this.output + "\n" + this.errors).strip();
	}

	static Command run(String... command) throws IOException {
		return run(new ProcessBuilder(command));
	}

	static Command run(List<String> command, Path directory, Map<String, String> environment) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
		builder.environment().putAll(environment);
		return run(builder);
	}

	static Command run(ProcessBuilder builder) throws IOException {
		Process process = builder.start();
		try (InputStream output = process.getInputStream(); InputStream errors = process.getErrorStream()) {
			process.getOutputStream().close();
			CompletableFuture<String> errorText = Background.call(() -> read(errors));
			String text = read(output);
			return new Command(List.copyOf(builder.command()), process.waitFor(), text, errorText.join());
		}
		catch (InterruptedException ex) {
			process.destroyForcibly();
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted while running " + builder.command(), ex);
		}
	}

	private static String read(InputStream stream) {
		try {
			return new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
