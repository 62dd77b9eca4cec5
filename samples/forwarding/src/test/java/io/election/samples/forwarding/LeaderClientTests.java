package io.election.samples.forwarding;

import java.net.SocketTimeoutException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import io.election.Leader;
import io.election.LeaderElection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.client.MockRestServiceServer;
import org.springframework.test.web.client.ResponseCreator;
import org.springframework.web.client.RestClient;
import org.springframework.web.server.ResponseStatusException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.header;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.method;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.requestTo;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withException;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withServerError;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withServiceUnavailable;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withSuccess;

/**
 * Tests of {@link LeaderClient}.
 */
class LeaderClientTests {

	private static final UUID ID = UUID.fromString("0b1ff38c-6a0f-4c50-9d52-c4a6a7a1d0f3");

	private final LeaderElection election = mock(LeaderElection.class);

	private final RestClient.Builder http = RestClient.builder();

	private final MockRestServiceServer server = MockRestServiceServer.bindTo(this.http).build();

	private final LeaderClient client = new LeaderClient(this.election, this.http);

	@BeforeEach
	void beFollower() {
		given(this.election.candidateId()).willReturn("green");
		given(this.election.leader()).willReturn(leader(Map.of("host", "10.0.3.7", "port", "8080")));
	}

	@ParameterizedTest
	@CsvSource({ "10.0.3.7, http://10.0.3.7:8080", "fd00::7, http://[fd00::7]:8080" })
	void asksTheLeaderWhereItSaysItIs(String host, String url) {
		given(this.election.leader()).willReturn(leader(Map.of("host", host, "port", "8080")));
		this.server.expect(requestTo(url + "/orders/" + ID))
			.andExpect(method(HttpMethod.POST))
			.andExpect(header(LeaderClient.FORWARDED_BY, "green"))
			.andRespond(withSuccess("{\"id\": \"%s\", \"number\": 7, \"fencingToken\": 3}".formatted(ID),
					MediaType.APPLICATION_JSON));
		assertThat(this.client.number(ID)).isEqualTo(new Order(ID, 7, 3));
	}

	@Test
	void hasClientsTryAgainWhileNobodyLeads() {
		given(this.election.leader()).willReturn(Optional.empty());
		assertThatExceptionOfType(TryAgainException.class).isThrownBy(() -> this.client.number(ID))
			.satisfies((ex) -> assertThat(ex.getHeaders().getFirst("Retry-After")).isEqualTo("1"));
	}

	@Test
	void hasClientsTryAgainIfTheLeaderDoesNotLeadAnyMore() {
		respond(withServiceUnavailable());
		assertThatExceptionOfType(TryAgainException.class).isThrownBy(() -> this.client.number(ID));
	}

	@Test
	void hasClientsDecideWhetherToRepeatWhatMayHaveBeenDone() {
		respond(withServerError());
		assertBadGateway();
		this.server.reset();
		respond(withException(new SocketTimeoutException()));
		assertBadGateway();
	}

	@Test
	void cannotReachALeaderThatDoesNotTellWhereItIs() {
		given(this.election.leader()).willReturn(leader(Map.of()));
		assertBadGateway();
	}

	private void respond(ResponseCreator response) {
		this.server.expect(method(HttpMethod.POST)).andRespond(response);
	}

	private void assertBadGateway() {
		assertThatExceptionOfType(ResponseStatusException.class).isThrownBy(() -> this.client.number(ID))
			.satisfies((ex) -> assertThat(ex.getStatusCode()).isEqualTo(HttpStatus.BAD_GATEWAY));
	}

	private static Optional<Leader> leader(Map<String, String> attributes) {
		return Optional.of(new Leader("blue", 3, Instant.EPOCH, attributes));
	}

}
