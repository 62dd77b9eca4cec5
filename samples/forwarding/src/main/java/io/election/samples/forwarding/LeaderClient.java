package io.election.samples.forwarding;

import java.util.Map;
import java.util.UUID;

import io.election.Leader;
import io.election.LeaderElection;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpServerErrorException.ServiceUnavailable;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.server.ResponseStatusException;

/**
 * Forwards requests to the leader, which tells everybody where it is.
 */
@Component
class LeaderClient {

	/** The header of a request that must not be forwarded again. */
	static final String FORWARDED_BY = "Forwarded-By";

	private final LeaderElection election;

	private final RestClient http;

	LeaderClient(LeaderElection election, RestClient.Builder http) {
		this.election = election;
		this.http = http.build();
	}

	/**
	 * Has the leader number an order.
	 * @param id the order
	 * @return the order with its number
	 */
	@Nullable Order number(UUID id) {
		Leader leader = this.election.leader().orElseThrow(() -> new TryAgainException("Nobody leads"));
		try {
			return this.http.post()
				.uri(url(leader) + "/orders/{id}", id)
				.header(FORWARDED_BY, this.election.candidateId())
				.retrieve()
				.body(Order.class);
		}
		catch (ServiceUnavailable ex) {
			// Nothing was done. Who leads now is not known here yet, or would be asked
			throw new TryAgainException(leader.candidateId() + " does not lead any more");
		}
		catch (RestClientException ex) {
			// Perhaps the order has its number. Repeating the request is safe: it keeps
			// it
			throw new ResponseStatusException(HttpStatus.BAD_GATEWAY,
					"The leader " + leader.candidateId() + " does not answer as it should", ex);
		}
	}

	private static String url(Leader leader) {
		Map<String, String> attributes = leader.attributes();
		String host = attributes.get("host");
		String port = attributes.get("port");
		if (host == null || port == null) {
			throw new ResponseStatusException(HttpStatus.BAD_GATEWAY,
					"The leader " + leader.candidateId() + " does not tell where it is");
		}
		return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
	}

}
