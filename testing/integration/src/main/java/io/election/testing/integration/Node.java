package io.election.testing.integration;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import io.election.testing.integration.NodeReports.Event;
import io.election.testing.servers.JavaProcess;
import org.jspecify.annotations.Nullable;

/**
 * An {@link ElectionNode} as a process, and the other end of its output and commands. It
 * dies with this JVM.
 */
public final class Node implements AutoCloseable {

	/** For what must happen sooner or later, on a busy machine; no promise. */
	public static final Duration LIMIT = Duration.ofSeconds(60);

	private final String candidateId;

	private final JavaProcess process;

	private @Nullable Socket socket;

	private int commands;

	private Node(String candidateId, JavaProcess process) {
		this.candidateId = candidateId;
		this.process = process;
	}

	/**
	 * Prepares a node.
	 * @param candidateId its label
	 * @param properties what all nodes have in common, each {@code name=value}
	 * @return a builder
	 */
	public static Builder with(String candidateId, List<String> properties) {
		return new Builder(candidateId, properties);
	}

	public String candidateId() {
		return this.candidateId;
	}

	public JavaProcess process() {
		return this.process;
	}

	/**
	 * What the node has reported so far.
	 * @return its reports
	 */
	public NodeReports reports() {
		return NodeReports.parse(this.candidateId, this.process.lines());
	}

	/**
	 * Has a command carried out.
	 * @param command the command
	 * @return when it was, and what came of it
	 * @see NodeCommands
	 */
	public synchronized Outcome command(String command) {
		String id = String.valueOf(++this.commands);
		send(id + " " + command);
		String reply = this.process
			.awaitLine((line) -> line.startsWith("@done " + id + " ") || line.startsWith("@failed " + id + " "), LIMIT);
		String[] words = reply.split(" ", 5);
		if (words[0].equals("@failed")) {
			throw new IllegalStateException("Node " + this.candidateId + " failed to " + command + ": " + reply);
		}
		return new Outcome(Long.parseLong(words[2]), Long.parseLong(words[3]), words[4]);
	}

	private void send(String line) {
		try {
			if (this.socket == null) {
				String listening = this.process.awaitLine((printed) -> printed.startsWith("@listening "), LIMIT);
				this.socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(listening.split(" ")[1]));
			}
			PrintWriter writer = new PrintWriter(this.socket.getOutputStream(), true, StandardCharsets.UTF_8);
			writer.println(line);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Waits until the application has started. */
	public void awaitReady() {
		this.process.awaitLine((line) -> line.startsWith("@ready "), LIMIT);
	}

	/**
	 * The place in the output that {@link #awaitEvent} goes on from.
	 * @return how many lines were printed so far
	 */
	public int mark() {
		return this.process.lines().size();
	}

	/**
	 * Waits for a granted event.
	 * @param mark after which line
	 * @param election in which election
	 * @return the event
	 */
	public Event awaitGranted(int mark, String election) {
		return awaitEvent(mark, (event) -> event.isGranted() && event.election().equals(election));
	}

	/**
	 * Waits for a revoked event.
	 * @param mark after which line
	 * @param election in which election
	 * @return the event
	 */
	public Event awaitRevoked(int mark, String election) {
		return awaitEvent(mark, (event) -> event.isRevoked() && event.election().equals(election));
	}

	/**
	 * Waits for an event.
	 * @param mark after which line
	 * @param condition matches the event
	 * @return the event
	 */
	public Event awaitEvent(int mark, Predicate<Event> condition) {
		String line = awaitLine(mark, (printed) -> {
			Event event = Event.parse(this.candidateId, printed);
			return event != null && condition.test(event);
		});
		Event event = Event.parse(this.candidateId, line);
		if (event == null) {
			throw new IllegalStateException("No event: " + line);
		}
		return event;
	}

	/**
	 * Waits for a line of output.
	 * @param mark after which line
	 * @param condition matches the line
	 * @return the line
	 */
	public String awaitLine(int mark, Predicate<String> condition) {
		return this.process.awaitLine(mark, condition, LIMIT);
	}

	/** Ends the process, however it is. */
	@Override
	public void close() {
		this.process.close();
		if (this.socket != null) {
			try {
				this.socket.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	/**
	 * What came of a command.
	 *
	 * @param begin when the node began to carry it out
	 * @param end when it had
	 * @param result its result, empty if it has none
	 */
	public record Outcome(long begin, long end, String result) {
	}

	/**
	 * What a node is started with.
	 */
	public static final class Builder {

		private final String candidateId;

		private final List<String> arguments = new ArrayList<>();

		private final JavaProcess.Builder process = JavaProcess.of(ElectionNode.class)
			.options("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:+UseSerialGC", "-Xmx192m");

		private Builder(String candidateId, List<String> properties) {
			this.candidateId = candidateId;
			property("election.candidate.id", candidateId);
			property("spring.main.banner-mode", "off");
			properties.forEach((property) -> this.arguments.add("--" + property));
		}

		/**
		 * Adds a property.
		 * @param name its name
		 * @param value its value
		 * @return this builder
		 */
		public Builder property(String name, String value) {
			this.arguments.add("--" + name + "=" + value);
			return this;
		}

		/**
		 * Adds variables to the environment of the process.
		 * @param variables their names and values
		 * @return this builder
		 */
		public Builder environment(Map<String, String> variables) {
			variables.forEach(this.process::environment);
			return this;
		}

		/**
		 * Adds options of the JVM.
		 * @param options the options
		 * @return this builder
		 */
		public Builder options(String... options) {
			this.process.options(options);
			return this;
		}

		/**
		 * Starts the node and does not wait for anything.
		 * @return the node
		 */
		public Node start() {
			return new Node(this.candidateId, this.process.arguments(this.arguments.toArray(String[]::new)).start());
		}

	}

}
