package io.election.samples.forwarding;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Nothing was done because nobody is known to lead at this moment. Soon somebody will.
 */
class TryAgainException extends ResponseStatusException {

	TryAgainException(String reason) {
		super(HttpStatus.SERVICE_UNAVAILABLE, reason);
	}

	@Override
	public HttpHeaders getHeaders() {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.RETRY_AFTER, "1");
		return headers;
	}

}
