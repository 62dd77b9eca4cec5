package io.election.testing.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process that does not outlive this JVM, even if the JVM is killed and the process is
 * paused at that moment.
 * <p>
 * A shell stands between the two ({@code supervise.sh}): the end of its standard input
 * tells it that the JVM is gone. It runs in a session of its own, so that Ctrl-C in a
 * terminal reaches the JVM only, which then ends its servers in the right order.
 */
final class SupervisedProcess {

	private static final String SCRIPT = script();

	private static final Duration SIGNAL_LIMIT = Duration.ofSeconds(10);

	private final Supervision supervision;

	private final Process supervisor;

	private final BufferedReader output;

	private final long pid;

	private SupervisedProcess(Supervision supervision, Process supervisor, BufferedReader output, long pid) {
		this.supervision = supervision;
		this.supervisor = supervisor;
		this.output = output;
		this.pid = pid;
	}

	/**
	 * Start a process.
	 * @param builder its command, environment and directory
	 * @param supervision how it is looked after
	 * @return the process
	 * @throws IOException if it cannot be started
	 */
	static SupervisedProcess start(ProcessBuilder builder, Supervision supervision) throws IOException {
		List<String> command = new ArrayList<>(
				List.of("setsid", "sh", "-c", SCRIPT, "supervise", supervision.orphanSignal(),
						Objects.toString(supervision.orphanFolder(), ""), Objects.toString(supervision.log(), "")));
		command.addAll(builder.command());
		Process supervisor = builder.command(command).redirectErrorStream(true).start();
		BufferedReader output = supervisor.inputReader(StandardCharsets.UTF_8);
		String pid = output.readLine();
		if (pid == null) {
			throw new IOException("The supervising shell ended without a process id");
		}
		try {
			return new SupervisedProcess(supervision, supervisor, output, Long.parseLong(pid));
		}
		catch (NumberFormatException ex) {
			throw new IOException("The supervising shell answered: " + pid, ex);
		}
	}

	long pid() {
		return this.pid;
	}

	BufferedReader output() {
		return this.output;
	}

	boolean isAlive() {
		return this.supervisor.isAlive();
	}

	/**
	 * Wait for the end of the process.
	 * @param limit how long at most
	 * @return whether it has ended
	 */
	boolean awaitExit(Duration limit) {
		try {
			return this.supervisor.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for process " + this.pid, ex);
		}
	}

	/**
	 * Return the exit status of a process that has ended: 128 + n after signal n.
	 * @return the status
	 */
	int exitStatus() {
		return this.supervisor.exitValue();
	}

	/**
	 * Send a signal to the process, but not to its children, if it is still there.
	 * @param name the name of the signal, without {@code SIG}
	 */
	void signal(String name) {
		if (isAlive()) {
			send(name, List.of(this.pid));
		}
	}

	/**
	 * Stop the process with SIGSTOP; it does nothing more once this returns.
	 */
	void pause() {
		// The parent first: it starts no further child while they are listed
		signalAndAwait("STOP", List.of(this.pid), 'T');
		signalAndAwait("STOP", children(), 'T');
	}

	/**
	 * Let the paused process go on.
	 */
	void resume() {
		List<Long> processes = children();
		processes.add(this.pid);
		send("CONT", processes);
	}

	/**
	 * End the process with SIGKILL; it is gone once this returns.
	 */
	void kill() {
		if (!isAlive()) {
			return;
		}
		signalAndAwait("STOP", List.of(this.pid), 'T');
		List<Long> processes = children();
		processes.add(this.pid);
		signalAndAwait("KILL", processes, 'Z');
		if (!awaitExit(SIGNAL_LIMIT)) {
			throw new IllegalStateException("Process " + this.pid + " is gone, but not its supervisor");
		}
	}

	private List<Long> children() {
		Stream<ProcessHandle> children = ProcessHandle.of(this.pid)
			.stream()
			.filter((process) -> this.supervision.withChildren())
			.flatMap(ProcessHandle::children);
		return new ArrayList<>(children.map(ProcessHandle::pid).toList());
	}

	private void signalAndAwait(String signal, List<Long> processes, char state) {
		send(signal, processes);
		for (long process : processes) {
			if (!Await.until(SIGNAL_LIMIT, () -> hasState(process, state))) {
				throw new IllegalStateException("SIG" + signal + " has no effect on process " + process);
			}
		}
	}

	private static void send(String signal, List<Long> processes) {
		// The kill command need not be installed, the shell's own always is there
		List<String> command = new ArrayList<>(List.of("sh", "-c",
				"for pid do kill -s \"$0\" \"$pid\" || [ ! -e \"/proc/$pid\" ] || exit 1; done", signal));
		processes.forEach((process) -> command.add(String.valueOf(process)));
		try {
			Command kill = Command.run(command.toArray(String[]::new));
			if (!kill.succeeded()) {
				throw new IllegalStateException("Cannot send SIG" + signal + ": " + kill.text());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	// A process that has ended has every state; a zombie waits for its parent only
	private static boolean hasState(long pid, char state) {
		try {
			String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"), StandardCharsets.ISO_8859_1);
			char current = stat.charAt(stat.lastIndexOf(')') + 2);
			return current == state || current == 'Z' || current == 'X';
		}
		catch (NoSuchFileException ex) {
			return true;
		}
		catch (IOException ex) {
			// Reading it while the process ends: ESRCH, "No such process"
			if (ProcessHandle.of(pid).isEmpty()) {
				return true;
			}
			throw new UncheckedIOException(ex);
		}
	}

	private static String script() {
		try (InputStream stream = SupervisedProcess.class.getResourceAsStream("supervise.sh")) {
			if (stream == null) {
				throw new IllegalStateException("supervise.sh is not on the class path");
			}
			return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
