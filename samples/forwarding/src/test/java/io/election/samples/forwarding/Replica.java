package io.election.samples.forwarding;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.election.testing.servers.JavaProcess;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One replica of the application: a JVM of its own.
 */
final class Replica implements AutoCloseable {

	static final String ENDPOINT = "/actuator/leadership/orders";

	private static final String[] FAST_START = { "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto" };

	private static final Duration LIMIT = Duration.ofSeconds(60);

	private static final String READY = "Ready on port ";

	private static final HttpClient http = HttpClient.newBuilder().version(Version.HTTP_1_1).build();

	private final String name;

	private final JavaProcess process;

	/**
	 * Start a replica.
	 * @param name its name, also as a candidate
	 * @param arguments further arguments of the application
	 * @param listener takes each line of its log
	 */
	Replica(String name, List<String> arguments, Consumer<String> listener) {
		this.name = name;
		this.process = JavaProcess.of(ForwardingApplication.class)
			.options(FAST_START)
			.arguments("--election.candidate.id=" + name, "--server.address=127.0.0.1", "--server.port=0",
					"--spring.main.sources=" + ReplicaProbe.class.getName(), "--spring.main.banner-mode=off",
					"--logging.pattern.console=%d{HH:mm:ss.SSS}  " + name + "  %m%n")
			.arguments(arguments.toArray(String[]::new))
			.onLine(listener)
			.start();
	}

	String name() {
		return this.name;
	}

	JavaProcess process() {
		return this.process;
	}

	/** Wait until it answers requests, though perhaps it refuses traffic yet. */
	void awaitStart() {
		port();
	}

	/** Wait for a line of the log that contains a text. */
	String awaitLog(String text) {
		return this.process.awaitLine(contains(text), LIMIT);
	}

	boolean hasLogged(String text) {
		return this.process.lines().stream().anyMatch(contains(text));
	}

	String url() {
		return "http://127.0.0.1:" + port();
	}

	/** The status of a replica that has ended gracefully: 128 + 15 after SIGTERM. */
	int awaitExit() {
		return this.process.awaitExit(LIMIT);
	}

	HttpResponse<String> get(String path) throws IOException {
		return send(request(path).GET());
	}

	HttpResponse<String> order(UUID id) throws IOException {
		return send(request("/orders/" + id).POST(BodyPublishers.noBody()));
	}

	HttpResponse<String> forwardedOrder(UUID id) throws IOException {
		return send(request("/orders/" + id).header(LeaderClient.FORWARDED_BY, "test").POST(BodyPublishers.noBody()));
	}

	/** Resign, pause, or resume. */
	HttpResponse<String> act(String action) throws IOException {
		return send(request(ENDPOINT).header("Content-Type", "application/json")
			.POST(BodyPublishers.ofString("{\"action\": \"" + action + "\"}")));
	}

	/** What the endpoint says of the election. */
	JsonNode report() {
		try {
			return JsonMapper.shared().readTree(get(ENDPOINT).body());
		}
		catch (IOException ex) {
			throw new IllegalStateException(this.name + " does not answer", ex);
		}
	}

	boolean isLeader() {
		return report().at("/state").asString().equals("LEADER");
	}

	/** Whom this replica takes for the leader, an empty text for nobody. */
	String leader() {
		return report().at("/leader/candidateId").asString("");
	}

	@Override
	public void close() {
		this.process.close();
	}

	private String port() {
		String line = awaitLog(READY);
		return line.substring(line.indexOf(READY) + READY.length());
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create(url() + path)).timeout(LIMIT);
	}

	private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
		try {
			return http.send(request.build(), BodyHandlers.ofString());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for an answer", ex);
		}
	}

	private static Predicate<String> contains(String text) {
		return (line) -> line.contains(text);
	}

	@Override
	public String toString() {
		return this.name;
	}

}
