package io.election.testing.web;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.election.LeaderElection;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.PostgresServer;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A replica of an application that takes part in the election {@code billing}, over a
 * link of its own to a database.
 */
final class Replica implements AutoCloseable {

	/** A line of what Prometheus reads, of an election. */
	private static final Pattern SAMPLE = Pattern.compile("(?m)^(election_\\w+)\\{(.*)} (\\S+)$");

	private static final int DECIMALS = 4;

	private final HttpClient client = HttpClient.newHttpClient();

	private final String name;

	private final FaultProxy link;

	private final String[] arguments;

	private volatile ConfigurableApplicationContext context;

	/** Creates a replica that is yet to be started. */
	Replica(String name, PostgresServer server, String database) {
		this.name = name;
		this.link = FaultProxy.to(server.port());
		// The defaults, divided by 7.5; the maximum of a timer lasts as long in
		// proportion
		this.arguments = new String[] { "--server.port=0", "--management.endpoints.web.exposure.include=prometheus",
				"--management.prometheus.metrics.export.step=4s", "--election.name=billing",
				"--election.candidate.id=" + name, "--election.backend=postgres",
				"--election.jdbc.url=" + server.jdbcUrl(this.link, database),
				"--election.jdbc.username=" + server.username(), "--election.jdbc.password=" + server.password(),
				"--election.lease-duration=2000ms", "--election.renew-deadline=1333ms",
				"--election.retry-period=267ms" };
	}

	FaultProxy link() {
		return this.link;
	}

	boolean leads() {
		return this.context.getBean(LeaderElection.class).isLeader();
	}

	void resign() {
		this.context.getBean(LeaderElection.class).resign();
	}

	void start() {
		this.context = new SpringApplicationBuilder(WebApplication.class).run(this.arguments);
	}

	void restart() {
		this.context.close();
		start();
	}

	/**
	 * Returns the samples of elections by their series, with the labels that a Prometheus
	 * adds: none if the replica cannot be reached.
	 */
	Map<String, String> scrape() throws InterruptedException {
		if (this.context == null || !this.context.isRunning()) {
			return Map.of();
		}
		try {
			String text = this.client.send(HttpRequest
				.newBuilder(URI.create("http://localhost:"
						+ this.context.getEnvironment().getProperty("local.server.port") + "/actuator/prometheus"))
				.header("Authorization",
						"Basic " + Base64.getEncoder()
							.encodeToString(("reader:" + WebApplication.PASSWORD).getBytes(StandardCharsets.UTF_8)))
				.build(), BodyHandlers.ofString()).body();
			return SAMPLE.matcher(text)
				.results()
				.collect(Collectors.toMap((sample) -> "%s{%s,instance=\"%s\",job=\"billing\"}"
					.formatted(sample.group(1), sample.group(2), this.name), (sample) -> rounded(sample.group(3))));
		}
		catch (IOException ex) { // it is about to stop
			return Map.of();
		}
	}

	private static String rounded(String value) {
		return value.equals("NaN") ? value
				: new BigDecimal(value).setScale(DECIMALS, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString();
	}

	@Override
	public void close() {
		this.context.close();
		this.link.close();
	}

}
