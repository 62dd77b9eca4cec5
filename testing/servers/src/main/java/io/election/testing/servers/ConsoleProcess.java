package io.election.testing.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * A process whose output is read and which can be paused and killed.
 * <p>
 * It dies with this JVM, however the JVM ends.
 */
public class ConsoleProcess implements AutoCloseable {

	private final SupervisedProcess process;

	private final Consumer<String> listener;

	private final List<String> lines = new ArrayList<>();

	private boolean ended;

	private @Nullable IOException failure;

	ConsoleProcess(SupervisedProcess process, Consumer<String> listener) {
		this.process = process;
		this.listener = listener;
		Thread reader = new Thread(this::read, "output-of-" + process.pid());
		reader.setDaemon(true);
		reader.start();
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

}
