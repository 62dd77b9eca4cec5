package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A main class that runs in a JVM of its own, in the locale of this one.
 * <p>
 * It dies with this JVM, however the JVM ends; the main class need do nothing for it.
 */
public final class JavaProcess extends ConsoleProcess {

	private JavaProcess(SupervisedProcess process, Consumer<String> listener) {
		super(process, listener);
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
			command.add("-Duser.language=" + Locale.getDefault().getLanguage());
			command.add("-Duser.country=" + Locale.getDefault().getCountry());
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
