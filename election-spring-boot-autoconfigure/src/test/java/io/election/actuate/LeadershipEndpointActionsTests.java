package io.election.actuate;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import com.jayway.jsonpath.JsonPath;
import io.election.LeaderElection;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the actions of {@link LeadershipEndpoint} over HTTP, and over JMX.
 */
class LeadershipEndpointActionsTests {

	private static final String NAME = LeadershipEndpointActionsTests.class.getSimpleName();

	private final HttpClient client = HttpClient.newHttpClient();

	@Test
	void actsOverHttp() throws Exception {
		try (ConfigurableApplicationContext context = start("--management.endpoint.leadership.access=unrestricted")) {
			LeaderElection election = context.getBean(LeaderElection.class);
			Awaitility.await().until(election::isLeader);
			assertPost(context, NAME, "{\"action\": \"stop\"}", 400, "INVALID");
			assertPost(context, NAME, "{}", 400, "INVALID");
			assertPost(context, "mails", "{\"action\": \"resign\"}", 404, "UNKNOWN_ELECTION");
			assertThat(election.isLeader()).isTrue();
			assertPost(context, NAME, "{\"action\": \"resign\", \"standAside\": \"1d\"}", 200, "ACCEPTED");
			assertThat(election.isLeader()).isFalse();
			assertPost(context, NAME, "{\"action\": \"resign\"}", 409, "NOT_LEADER");
			assertPost(context, NAME, "{\"action\": \"pause\"}", 200, "ACCEPTED");
			assertPost(context, NAME, "{\"action\": \"resume\"}", 200, "ACCEPTED");
			Awaitility.await().until(election::isLeader);
		}
	}

	@Test
	void doesNotActUnlessAllowed() throws Exception {
		try (ConfigurableApplicationContext context = start()) {
			LeaderElection election = context.getBean(LeaderElection.class);
			Awaitility.await().until(election::isLeader);
			assertThat(post(context, NAME, "{\"action\": \"resign\"}").statusCode()).isEqualTo(405);
			assertThat(election.isLeader()).isTrue();
		}
	}

	private void assertPost(ConfigurableApplicationContext context, String election, String body, int status,
			String outcome) throws Exception {
		HttpResponse<String> response = post(context, election, body);
		assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
		assertThat(JsonPath.parse(response.body()).<String>read("outcome")).isEqualTo(outcome);
		assertThat(JsonPath.parse(response.body()).<String>read("election")).isEqualTo(election);
		assertThat(JsonPath.parse(response.body()).<String>read("message")).isNotBlank();
	}

	private HttpResponse<String> post(ConfigurableApplicationContext context, String election, String body)
			throws Exception {
		String port = context.getEnvironment().getRequiredProperty("local.server.port");
		URI uri = URI.create("http://localhost:" + port + "/actuator/leadership/" + election);
		HttpRequest request = HttpRequest.newBuilder(uri)
			.header("Content-Type", "application/json")
			.POST(BodyPublishers.ofString(body))
			.build();
		return this.client.send(request, BodyHandlers.ofString());
	}

	private static ConfigurableApplicationContext start(String... arguments) {
		return new SpringApplicationBuilder(LeadershipEndpointWebTests.Application.class)
			.web(WebApplicationType.SERVLET)
			.properties("server.port=0", "management.endpoints.web.exposure.include=leadership",
					"election.backend=memory", "election.name=" + NAME)
			.run(arguments);
	}

}
