package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A real server on a free port of 127.0.0.1, with its data in a temporary folder, that
 * can be stopped, killed, paused and started again.
 * <p>
 * Port, data and log stay the same from the first start until {@link #close()}. It writes
 * as durably as in production, so that what it acknowledged is there after a
 * {@link #kill()}. It dies with this JVM, however the JVM ends.
 */
public abstract class TestServer implements AutoCloseable {

	private static final Duration LIMIT = Duration.ofSeconds(60);

	private static final int PORT_ATTEMPTS = 5;

	private static final int TAIL = 30;

	private final String name;

	private String group;

	private final Map<String, String> settings = new LinkedHashMap<>();

	private @Nullable Path folder;

	private int port;

	private @Nullable SupervisedProcess process;

	private int linesBeforeLaunch;

	private boolean paused;

	private boolean expectedToRun;

	/**
	 * Create a server that is yet to be started.
	 * @param name what people call it, version included
	 */
	TestServer(String name) {
		this.name = name;
		this.group = name;
	}

	/**
	 * Have the server be a member of a cluster.
	 * @param name what people call the cluster
	 */
	final void setGroup(String name) {
		this.group = name;
	}

	/**
	 * Set a parameter of the server.
	 * @param parameter its name
	 * @param value its value
	 */
	final void set(String parameter, String value) {
		requireNew();
		this.settings.put(parameter, value);
	}

	final void requireNew() {
		if (this.folder != null) {
			throw new IllegalStateException("The server was already started");
		}
	}

	final Map<String, String> settings() {
		return this.settings;
	}

	/**
	 * Start the server, with the data that it was stopped or killed with if it ran
	 * before.
	 * @return this server, which answers now
	 */
	public synchronized TestServer start() {
		start(List.of(this));
		return this;
	}

	/**
	 * Start servers that need one another to become ready, either all for the first time
	 * or none.
	 * @param servers the servers, none of which is running
	 */
	static void start(List<TestServer> servers) {
		servers.forEach(TestServer::requireNotRunning);
		boolean first = servers.stream().allMatch((server) -> server.folder == null);
		for (int attempt = 1;; attempt++) {
			try {
				servers.forEach(TestServer::prepare);
				servers.forEach(TestServer::launch);
				servers.forEach(TestServer::awaitReady);
				servers.forEach((server) -> ServersInUse.opened(server, server.group));
				return;
			}
			catch (RuntimeException ex) {
				boolean again = first && attempt < PORT_ATTEMPTS
						&& servers.stream().anyMatch(TestServer::foundItsPortTaken);
				servers.forEach((first) ? TestServer::close : TestServer::end);
				if (!again) {
					throw ex;
				}
			}
		}
	}

	/**
	 * Stop the server as an operator would.
	 */
	public synchronized void stop() {
		if (!isRunning()) {
			return;
		}
		if (this.paused) {
			resume();
		}
		this.expectedToRun = false;
		SupervisedProcess current = running();
		current.signal(stopSignal());
		if (!current.awaitExit(LIMIT)) {
			throw failure("does not stop");
		}
	}

	/**
	 * Stop the server and start it again.
	 */
	public synchronized void restart() {
		stop();
		start();
	}

	/**
	 * Keep a copy of the data as they are, for {@link #restore()}. The server must have
	 * been stopped.
	 */
	public synchronized void backUp() {
		requireNotRunning();
		replace(copyOfData(folder()), data(folder()));
	}

	/**
	 * Have the data be as they were at {@link #backUp()}. The server must have been
	 * stopped.
	 */
	public synchronized void restore() {
		requireNotRunning();
		replace(data(folder()), copyOfData(folder()));
	}

	private static void replace(Path target, Path source) {
		try {
			FileTrees.delete(target);
			FileTrees.copy(source, target);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Kill the server with SIGKILL.
	 */
	public synchronized void kill() {
		running().kill();
		this.expectedToRun = false;
		this.paused = false;
		killed();
	}

	/**
	 * Freeze the server with SIGSTOP: connections stay open, and nobody answers.
	 */
	public synchronized void pause() {
		running().pause();
		this.paused = true;
	}

	/**
	 * Let a paused server go on.
	 */
	public synchronized void resume() {
		running().resume();
		this.paused = false;
	}

	/**
	 * Kill the server if it runs and delete its data. It can be started again, empty and
	 * on another port.
	 * @throws IllegalStateException if it has ended though nobody ended it
	 */
	@Override
	public synchronized void close() {
		IllegalStateException crash = (this.expectedToRun && !isRunning()) ? failure("ended by itself") : null;
		this.expectedToRun = false;
		end();
		ServersInUse.closed(this);
		if (this.folder != null) {
			try {
				FileTrees.delete(this.folder);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			this.folder = null;
		}
		if (crash != null) {
			throw crash;
		}
	}

	private synchronized void end() {
		if (isRunning()) {
			kill();
		}
	}

	/**
	 * Return whether the server's process is there, paused or not.
	 * @return whether it is
	 */
	public synchronized boolean isRunning() {
		return this.process != null && this.process.isAlive();
	}

	/**
	 * Return whether the server is running and not paused.
	 * @return whether it is
	 */
	final synchronized boolean isAnswering() {
		return isRunning() && !this.paused;
	}

	/**
	 * Return the process id that the server has, or had last.
	 * @return the process id
	 */
	public synchronized long pid() {
		return Objects.requireNonNull(this.process, "The server was not started").pid();
	}

	public String host() {
		return "127.0.0.1";
	}

	public int port() {
		return this.port;
	}

	/**
	 * Return the exact version of the server.
	 * @return the version, such as {@code 3.5.30}
	 */
	public abstract String version();

	/**
	 * Return the lines that the server has logged so far.
	 * @return the lines
	 */
	public List<String> log() {
		Path file = logFile();
		try {
			return Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList()
					: List.of();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return what the server has logged as a warning or worse. Stopping it may add some.
	 * @return the entries
	 */
	public abstract List<String> logErrors();

	/**
	 * Return the lines logged since the server was last started.
	 * @return the lines
	 */
	final List<String> logSinceLaunch() {
		return log().stream().skip(this.linesBeforeLaunch).toList();
	}

	/**
	 * Fill the server's new folder, and find the ports it needs beside {@link #port()}.
	 * @param folder the folder
	 * @throws IOException if that is not possible
	 */
	abstract void prepare(Path folder) throws IOException;

	/**
	 * Return what runs the server.
	 * @param folder the server's folder
	 * @return the command and its environment
	 * @throws IOException if that is not possible
	 */
	abstract ProcessBuilder command(Path folder) throws IOException;

	/**
	 * Return whether the process that was launched answers requests. Asked again until it
	 * does; leaves no errors in the log.
	 * @return whether it does
	 */
	abstract boolean isReady();

	/**
	 * Return the name of the signal that makes the server stop as an operator would.
	 * @return the name, without {@code SIG}
	 */
	String stopSignal() {
		return "TERM";
	}

	/**
	 * Return the name of the signal that ends the server when this JVM is gone.
	 * @return the name, without {@code SIG}
	 */
	String orphanSignal() {
		return "KILL";
	}

	/**
	 * Tidy up what a killed server leaves outside of its folder.
	 */
	void killed() {
	}

	final synchronized Path folder() {
		if (this.folder == null) {
			throw new IllegalStateException("The server was not started, or is closed");
		}
		return this.folder;
	}

	final void requireAnswering() {
		if (!isAnswering()) {
			throw new IllegalStateException("The server is not running, or is paused");
		}
	}

	private void requireNotRunning() {
		if (isRunning()) {
			throw new IllegalStateException("The server is running");
		}
	}

	private synchronized void prepare() {
		if (this.folder != null) {
			return;
		}
		try {
			this.port = FreePort.find();
			String prefix = "election-" + this.name.toLowerCase(Locale.ROOT).replace(' ', '-') + "-";
			this.folder = Files.createTempDirectory(prefix);
			prepare(this.folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private synchronized void launch() {
		this.linesBeforeLaunch = log().size();
		this.paused = false;
		try {
			this.process = SupervisedProcess.start(command(folder()),
					new Supervision(true, orphanSignal(), folder(), logFile()));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private synchronized void awaitReady() {
		SupervisedProcess launched = Objects.requireNonNull(this.process);
		boolean ready = Await.until(LIMIT, () -> !launched.isAlive() || isReady());
		if (!launched.isAlive()) {
			throw failure("ended with status " + launched.exitStatus());
		}
		if (!ready) {
			throw failure("is not ready after " + LIMIT);
		}
		this.expectedToRun = true;
	}

	private SupervisedProcess running() {
		if (this.process == null || !this.process.isAlive()) {
			throw new IllegalStateException("The server is not running");
		}
		return this.process;
	}

	private synchronized boolean foundItsPortTaken() {
		return this.folder != null && logTail().toLowerCase(Locale.ROOT).contains("address already in use");
	}

	private IllegalStateException failure(String problem) {
		return new IllegalStateException(this.name + " " + problem + ". The end of its log:\n" + logTail());
	}

	private String logTail() {
		List<String> lines = log();
		return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
	}

	/**
	 * Return where a server keeps its data, and nothing else.
	 * @param folder the server's folder
	 * @return the place within it
	 */
	static Path data(Path folder) {
		return folder.resolve("data");
	}

	private static Path copyOfData(Path folder) {
		return folder.resolve("copy-of-data");
	}

	private Path logFile() {
		return folder().resolve("server.log");
	}

	@Override
	public String toString() {
		return this.name;
	}

}
