package io.election.samples.quickstart;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.election.samples.quickstart.Signal.Kind;
import io.election.testing.servers.JavaProcess;

/**
 * One replica of the application: a JVM of its own, with its log in a file.
 */
final class Replica implements AutoCloseable {

	private static final String[] FAST_START = { "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto" };

	private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);

	private static final HttpClient http = HttpClient.newHttpClient();

	private final String name;

	private final JavaProcess process;

	private volatile String url = "not ready";

	/**
	 * Start a replica.
	 * @param name its name, also as a candidate
	 * @param log the file its log is appended to
	 * @param arguments further arguments of the application
	 * @param listener is told of each signal as it comes
	 */
	Replica(String name, Path log, List<String> arguments, Consumer<Signal> listener) {
		this.name = name;
		PrintWriter writer = open(log);
		this.process = JavaProcess.of(QuickstartApplication.class)
			.options(FAST_START)
			.arguments("--election.candidate.id=" + name, "--server.address=127.0.0.1", "--server.port=0",
					"--spring.main.sources=" + ReplicaObserver.class.getName())
			.arguments(arguments.toArray(String[]::new))
			.onLine((line) -> Signal.parse(line).ifPresentOrElse((signal) -> {
				if (signal.kind() == Kind.READY) {
					this.url = "http://127.0.0.1:" + signal.detail();
				}
				listener.accept(signal);
			}, () -> writer.println(line)))
			.start();
	}

	String name() {
		return this.name;
	}

	long pid() {
		return this.process.pid();
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Return where the replica answers requests, once it is ready.
	 * @return the URL, without a slash at its end
	 */
	String url() {
		return this.url;
	}

	String get(String path) {
		return send(HttpRequest.newBuilder(URI.create(this.url + path)));
	}

	String post(String path) {
		return send(HttpRequest.newBuilder(URI.create(this.url + path)).POST(HttpRequest.BodyPublishers.noBody()));
	}

	void kill9() {
		this.process.kill9();
	}

	void sigterm() {
		this.process.sigterm();
	}

	int awaitExit(Duration limit) {
		return this.process.awaitExit(limit);
	}

	@Override
	public void close() {
		this.process.close();
	}

	private String send(HttpRequest.Builder request) {
		try {
			return http.send(request.timeout(REQUEST_LIMIT).build(), BodyHandlers.ofString()).body();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(this.name + " does not answer: " + ex.getMessage(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while " + this.name + " was asked", ex);
		}
	}

	private static PrintWriter open(Path log) {
		try {
			return new PrintWriter(Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
					true);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
