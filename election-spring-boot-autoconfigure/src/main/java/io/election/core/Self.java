package io.election.core;

import java.util.Map;

/**
 * A candidate as it knows itself.
 *
 * @param election the name of the election
 * @param nonce its identity, random and new at every start
 * @param candidateId its label for people
 * @param attributes what it tells others about itself
 */
public record Self(String election, String nonce, String candidateId, Map<String, String> attributes) {

	public Self {
		if (nonce.isEmpty()) {
			throw new IllegalArgumentException("nonce is empty but must identify the candidate");
		}
		attributes = Map.copyOf(attributes);
	}

	/** What makes this candidate's pauses differ from those of others. */
	long seed() {
		return this.nonce.hashCode();
	}

}
