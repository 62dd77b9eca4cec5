package io.election.actuate;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import io.election.LeaderElection;
import io.election.LeaderElections;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LeadershipEndpoint}, {@link ElectionHealthIndicator} and
 * {@link LeaderHealthIndicator} over HTTP, in an application that configures itself.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "management.endpoints.web.exposure.include=*", "management.endpoint.health.show-details=always",
				"election.backend=memory", "election.name=LeadershipEndpointWebTests", "election.candidate.id=blue",
				"election.candidate.attributes.zone=b", "management.health.leader.enabled=true",
				"management.endpoint.health.group.routing.include=leader" })
class LeadershipEndpointWebTests {

	private static final String NAME = LeadershipEndpointWebTests.class.getSimpleName();

	private final HttpClient client = HttpClient.newHttpClient();

	@LocalServerPort
	private int port;

	@Autowired
	private LeaderElection election;

	@Autowired
	private LeaderElections elections;

	@BeforeEach
	void awaitLeadership() {
		Awaitility.await().until(this.election::isLeader);
	}

	@Test
	void showsAllElections() throws Exception {
		DocumentContext json = getJson("/actuator/leadership");
		assertThat(json.<String>read("candidateId")).isEqualTo("blue");
		assertThat(json.<String>read("backend")).isEqualTo("memory");
		assertThat(json.<String>read("elections.%s.state".formatted(NAME))).isEqualTo("LEADER");
	}

	@Test
	void showsAnElection() throws Exception {
		DocumentContext json = getJson("/actuator/leadership/" + NAME);
		long token = this.election.leadership().orElseThrow().fencingToken();
		assertThat(json.<String>read("name")).isEqualTo(NAME);
		assertThat(json.<String>read("candidateId")).isEqualTo("blue");
		assertThat(json.<String>read("backend")).isEqualTo("memory");
		assertThat(json.<String>read("state")).isEqualTo("LEADER");
		assertThat(json.<String>read("leader.candidateId")).isEqualTo("blue");
		assertThat(json.<Number>read("leader.fencingToken").longValue()).isEqualTo(token);
		assertThat(json.<String>read("leader.attributes.zone")).isEqualTo("b");
		assertThat(json.<Number>read("leadership.fencingToken").longValue()).isEqualTo(token);
		assertThat(Instant.parse(json.read("leadership.grantedAt")))
			.isEqualTo(Instant.parse(json.read("leader.since")));
		assertThat(Duration.parse(json.read("leadership.validFor"))).isBetween(Duration.ZERO, Duration.ofSeconds(10));
		assertThat(json.<String>read("timing.leaseDuration")).isEqualTo("PT15S");
		assertThat(json.<String>read("timing.renewDeadline")).isEqualTo("PT10S");
		assertThat(json.<String>read("timing.retryPeriod")).isEqualTo("PT2S");
		assertThat(Instant.parse(json.read("lastRenewal.at"))).isNotNull();
		assertThat(Duration.parse(json.read("lastRenewal.took"))).isGreaterThanOrEqualTo(Duration.ZERO);
		assertThat(json.<String>read("transitions[-1].from")).isEqualTo("CANDIDATE");
		assertThat(json.<String>read("transitions[-1].to")).isEqualTo("LEADER");
		assertThat(json.<Number>read("transitions[-1].fencingToken").longValue()).isEqualTo(token);
		assertThat(json.<String>read("transitions[-1].reason")).isEqualTo("GRANTED");
		assertThat(json.<Object>read("$")).asInstanceOf(InstanceOfAssertFactories.MAP).doesNotContainKey("lastError");
	}

	@Test
	void showsWhoTakesPart() {
		// Candidates are entered in the roster some moments after they take part
		Awaitility.await().untilAsserted(() -> {
			DocumentContext json = getJson("/actuator/leadership/" + NAME);
			assertThat(json.<List<?>>read("candidates")).hasSize(1);
			assertThat(json.<String>read("candidates[0].candidateId")).isEqualTo("blue");
			assertThat(json.<String>read("candidates[0].attributes.zone")).isEqualTo("b");
			assertThat(Instant.parse(json.read("candidates[0].lastSeen"))).isNotNull();
		});
	}

	@Test
	void showsAnElectionWithASlashAndASpaceInItsName() throws Exception {
		this.elections.join(NAME + "/eu west");
		assertThat(getJson("/actuator/leadership/" + NAME + "/eu%20west").<String>read("name"))
			.isEqualTo(NAME + "/eu west");
		this.elections.leave(NAME + "/eu west");
	}

	@Test
	void doesNotFindAnElectionInWhichTheApplicationTakesNoPart() throws Exception {
		HttpResponse<String> response = get("/actuator/leadership/mails");
		assertThat(response.statusCode()).isEqualTo(404);
		assertThat(response.body()).isEqualTo("""
				{"election":"mails","outcome":"UNKNOWN_ELECTION",\
				"message":"This application takes no part in such an election"}""");
	}

	@Test
	void healthShowsElections() throws Exception {
		DocumentContext json = getJson("/actuator/health");
		assertThat(json.<String>read("components.election.status")).isEqualTo("UP");
		assertThat(json.<String>read("components.election.details.backend")).isEqualTo("memory");
		assertThat(json.<String>read("components.election.details.elections.%s.state".formatted(NAME)))
			.isEqualTo("LEADER");
		assertThat(json.<String>read("components.election.details.elections.%s.leader".formatted(NAME)))
			.isEqualTo("blue");
	}

	@Test
	void healthOfALeaderCountsOnlyInGroupsThatIncludeIt() throws Exception {
		DocumentContext leading = getJson("/actuator/health/routing");
		assertThat(leading.<String>read("status")).isEqualTo("UP");
		assertThat(leading.<String>read("components.leader.details.election")).isEqualTo(NAME);
		assertThat(leading.<String>read("components.leader.details.leader")).isEqualTo("blue");
		this.election.pause();
		assertThat(get("/actuator/health/routing").statusCode()).isEqualTo(503);
		DocumentContext application = getJson("/actuator/health");
		assertThat(application.<Map<String, ?>>read("components")).containsKey("election").doesNotContainKey("leader");
		assertThat(application.<List<String>>read("groups")).contains("routing");
		this.election.resume();
	}

	private DocumentContext getJson(String path) throws Exception {
		HttpResponse<String> response = get(path);
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return JsonPath.parse(response.body());
	}

	private HttpResponse<String> get(String path) throws Exception {
		URI uri = URI.create("http://localhost:" + this.port + path);
		return this.client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

}
