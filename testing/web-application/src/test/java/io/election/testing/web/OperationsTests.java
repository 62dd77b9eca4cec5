package io.election.testing.web;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

import javax.management.MBeanServer;
import javax.management.ObjectName;

import com.jayway.jsonpath.JsonPath;
import io.election.LeaderElection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Leadership is seen and steered over HTTP, whatever serves it and where, and over JMX.
 */
class OperationsTests {

	private static final String PATH = "/actuator/leadership/billing";

	private static final String RESIGN = "{\"action\": \"resign\", \"standAside\": \"1h\"}";

	private final HttpClient client = HttpClient.newHttpClient();

	@ParameterizedTest
	@CsvSource({ "SERVLET, local.server.port", "SERVLET, local.management.port", "REACTIVE, local.server.port",
			"REACTIVE, local.management.port" })
	void onlyOperatorsSteer(WebApplicationType type, String port) throws Exception {
		try (ConfigurableApplicationContext context = start(type,
				port.contains("management") ? "--management.server.port=0" : "--some=thing")) {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			String root = "http://localhost:" + context.getEnvironment().getRequiredProperty(port);
			assertThat(get(root + PATH, null).statusCode()).isEqualTo(401);
			HttpResponse<String> read = get(root + PATH, "reader");
			assertThat(read.statusCode()).as(read.body()).isEqualTo(200);
			assertThat(JsonPath.<String>read(read.body(), "state")).isEqualTo("LEADER");
			assertThat(JsonPath.<String>read(read.body(), "leader.attributes.port"))
				.isEqualTo(context.getEnvironment().getProperty("local.server.port"));
			assertThat(get(root + "/actuator/leadership/mails", "reader").statusCode()).isEqualTo(404);
			assertThat(post(root + PATH, null, RESIGN).statusCode()).isEqualTo(401);
			assertThat(post(root + PATH, "reader", RESIGN).statusCode()).isEqualTo(403);
			assertThat(election.isLeader()).isTrue();
			assertThat(post(root + PATH, "operator", RESIGN).statusCode()).isEqualTo(200);
			assertThat(election.isLeader()).isFalse();
			assertThat(post(root + PATH, "operator", RESIGN).statusCode()).isEqualTo(409);
			assertThat(post(root + PATH, "operator", "{\"action\": \"dance\"}").statusCode()).isEqualTo(400);
			assertThat(post(root + "/actuator/leadership/mails", "operator", RESIGN).statusCode()).isEqualTo(404);
		}
	}

	@Test
	void theSecurityOfThisApplicationIsThatOfTheDocumentation() throws IOException {
		String source = Files.readString(Path.of("src/test/java/io/election/testing/web/WebApplication.java"));
		String method = source.substring(source.indexOf("SecurityFilterChain leadershipSecurity("),
				source.indexOf("\t@Bean", source.indexOf("SecurityFilterChain leadershipSecurity(")));
		assertThat(Files.readString(Path.of("../../docs/operations.md")).replaceAll("\\s", ""))
			.contains(method.replaceAll("\\s", ""));
	}

	/** Which Java 21 and later have; before, the property does nothing. */
	@Test
	void operatorsSteerOnVirtualThreads() throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.SERVLET,
				"--spring.threads.virtual.enabled=true")) {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			String url = "http://localhost:" + context.getEnvironment().getProperty("local.server.port") + PATH;
			assertThat(post(url, "operator", RESIGN).statusCode()).isEqualTo(200);
			assertThat(election.isLeader()).isFalse();
			assertThat(JsonPath.<String>read(get(url, "reader").body(), "state")).isEqualTo("CANDIDATE");
		}
	}

	@Test
	void metricsAreScraped() throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.SERVLET)) {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			String url = "http://localhost:" + context.getEnvironment().getProperty("local.server.port")
					+ "/actuator/prometheus";
			await().untilAsserted(() -> assertThat(get(url, "reader").body())
				.contains("election_leader{election=\"billing\"} 1.0",
						"election_transitions_total{election=\"billing\",reason=\"granted\"} 1.0")
				.containsPattern("election_lease_remaining_seconds\\{election=\"billing\"} \\d+\\.")
				.contains("election_attempts_total{attempt=\"acquire\",election=\"billing\",outcome=\"held\"} 1.0"));
			election.resign();
			assertThat(get(url, "reader").body()).contains("election_leader{election=\"billing\"} 0.0");
		}
	}

	@Test
	void actsOverJmx() throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.SERVLET, "--spring.jmx.enabled=true",
				"--management.endpoints.jmx.exposure.include=leadership")) {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
			ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Leadership");
			Map<?, ?> read = (Map<?, ?>) beans.invoke(name, "election", new Object[] { "billing" },
					new String[] { String.class.getName() });
			assertThat(read.get("state")).hasToString("LEADER");
			Map<?, ?> done = (Map<?, ?>) beans.invoke(name, "act", new Object[] { "billing", "pause", null },
					new String[] { String.class.getName(), String.class.getName(), String.class.getName() });
			assertThat(done.get("outcome")).hasToString("ACCEPTED");
			assertThat(election.isLeader()).isFalse();
		}
	}

	private static ConfigurableApplicationContext start(WebApplicationType type, String... arguments) {
		return new SpringApplicationBuilder(WebApplication.class).web(type)
			.properties("server.port=0", "management.endpoints.web.exposure.include=leadership,prometheus",
					"management.endpoint.leadership.access=unrestricted", "election.backend=memory",
					"election.name=billing")
			.run(arguments);
	}

	private HttpResponse<String> get(String url, String user) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(URI.create(url)), user);
	}

	private HttpResponse<String> post(String url, String user, String body) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(URI.create(url))
			.header("Content-Type", "application/json")
			.POST(BodyPublishers.ofString(body)), user);
	}

	private HttpResponse<String> send(HttpRequest.Builder request, String user)
			throws IOException, InterruptedException {
		if (user != null) {
			String credentials = user + ":" + WebApplication.PASSWORD;
			request.header("Authorization",
					"Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
		}
		return this.client.send(request.build(), BodyHandlers.ofString());
	}

}
