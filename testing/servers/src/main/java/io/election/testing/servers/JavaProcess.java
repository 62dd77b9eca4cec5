package io.election.testing.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * A main class that runs in a JVM of its own, whose output is read and which can be
 * paused and killed.
 * <p>
 * It dies with this JVM, however the JVM ends; the main class need do nothing for it.
 */
public final class JavaProcess implements AutoCloseable {

	private final SupervisedProcess process;

	private final Consumer<String> listener;

	private final List<String> lines = new ArrayList<>();

	private boolean ended;

	private @Nullable IOException failure;

	private JavaProcess(SupervisedProcess process, Consumer<String> listener) {
		this.process = process;
		this.listener = listener;
		Thread reader = new Thread(this::read, "output-of-" + process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * Prepare the start of a main class with this JVM's class path.
	 * @param mainClass the class
	 * @return a builder
	 */
	public static Builder of(Class<?> mainClass) {
		return new Builder(mainClass.getName());
	}

	/**
	 * Prepare the start of an executable jar, with nothing else on the class path.
	 * @param jar the jar
	 * @return a builder
	 */
	public static Builder ofJar(Path jar) {
		return new Builder("-jar", jar.toString());
	}

	public long pid() {
		return this.process.pid();
	}

	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Return the lines that the process has printed so far, errors included.
	 * @return the lines
	 */
	public List<String> lines() {
		synchronized (this.lines) {
			return List.copyOf(this.lines);
		}
	}

	/**
	 * Wait for the first line that matches, of all that are printed from the start on.
	 * @param predicate matches the line
	 * @param limit how long at most
	 * @return the line
	 */
	public String awaitLine(Predicate<String> predicate, Duration limit) {
		return awaitLine(0, predicate, limit);
	}

	/**
	 * Wait for the first line that matches, from a certain line on.
	 * @param from the index of that line: the size of {@link #lines()} earlier on
	 * @param predicate matches the line
	 * @param limit how long at most
	 * @return the line
	 */
	public String awaitLine(int from, Predicate<String> predicate, Duration limit) {
		long start = System.nanoTime();
		synchronized (this.lines) {
			for (int i = from;; i++) {
				while (i >= this.lines.size()) {
					long left = limit.toMillis() - Duration.ofNanos(System.nanoTime() - start).toMillis();
					if (left <= 0) {
						throw missing("No such line within " + limit);
					}
					if (this.ended) {
						throw missing("The process has ended without such a line");
					}
					await(left);
				}
				if (predicate.test(this.lines.get(i))) {
					return this.lines.get(i);
				}
			}
		}
	}

	private void await(long millis) {
		try {
			this.lines.wait(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for output", ex);
		}
	}

	private IllegalStateException missing(String problem) {
		return new IllegalStateException(
				problem + ". The output of process " + pid() + ":\n" + String.join("\n", this.lines), this.failure);
	}

	/**
	 * Wait for the end of the process.
	 * @param limit how long at most
	 * @return its exit status: 128 + n after signal n
	 */
	public int awaitExit(Duration limit) {
		if (!this.process.awaitExit(limit)) {
			synchronized (this.lines) {
				throw missing("The process has not ended within " + limit);
			}
		}
		return this.process.exitStatus();
	}

	/**
	 * Ask the process to end: its shutdown hooks run.
	 */
	public void sigterm() {
		this.process.signal("TERM");
	}

	/**
	 * Freeze the process: none of its threads runs any more once this returns.
	 */
	public void sigstop() {
		this.process.pause();
	}

	/**
	 * Let the frozen process go on.
	 */
	public void sigcont() {
		this.process.resume();
	}

	/**
	 * Kill the process. It is gone once this returns.
	 */
	public void kill9() {
		this.process.kill();
	}

	/**
	 * Kill the process if it is still there.
	 */
	@Override
	public void close() {
		kill9();
	}

	private void read() {
		try (BufferedReader output = this.process.output()) {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				synchronized (this.lines) {
					this.lines.add(line);
					this.lines.notifyAll();
				}
				this.listener.accept(line);
			}
		}
		catch (IOException ex) {
			synchronized (this.lines) {
				this.failure = ex;
			}
		}
		finally {
			synchronized (this.lines) {
				this.ended = true;
				this.lines.notifyAll();
			}
		}
	}

	/**
	 * What a {@link JavaProcess} is started with.
	 */
	public static final class Builder {

		private final List<String> program;

		private final List<String> options = new ArrayList<>();

		private final List<String> arguments = new ArrayList<>();

		private final Map<String, String> environment = new LinkedHashMap<>();

		private Consumer<String> listener = (line) -> {
		};

		private Builder(String... program) {
			this.program = List.of(program);
		}

		/**
		 * Add options of the JVM, such as {@code -Xmx64m} or system properties.
		 * @param added the options
		 * @return this builder
		 */
		public Builder options(String... added) {
			this.options.addAll(List.of(added));
			return this;
		}

		/**
		 * Add arguments of the main method.
		 * @param added the arguments
		 * @return this builder
		 */
		public Builder arguments(String... added) {
			this.arguments.addAll(List.of(added));
			return this;
		}

		public Builder environment(String name, String value) {
			this.environment.put(name, value);
			return this;
		}

		/**
		 * Have every line of output handed over as it comes, on a thread of this process.
		 * @param consumer takes the line
		 * @return this builder
		 */
		public Builder onLine(Consumer<String> consumer) {
			this.listener = consumer;
			return this;
		}

		public JavaProcess start() {
			List<String> command = new ArrayList<>();
			command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
			command.addAll(this.options);
			command.addAll(this.program);
			command.addAll(this.arguments);
			ProcessBuilder builder = new ProcessBuilder(command);
			// Not an argument: that one would fill the screen in "ps"
			builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
			builder.environment().putAll(this.environment);
			try {
				return new JavaProcess(SupervisedProcess.start(builder, new Supervision(false, "KILL", null, null)),
						this.listener);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
