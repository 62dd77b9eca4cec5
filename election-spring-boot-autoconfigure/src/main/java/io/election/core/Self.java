package io.election.core;

import java.util.Map;

/**
 * A candidate as it knows itself.
 *
 * @param election the name of the election
 * @param nonce its identity, random and new at every start
 * @param candidateId its label for people
 * @param attributes what it tells others about itself
 * @param firstToken the lowest token that it leads with. That says nothing of what it has
 * seen: a record with a lower one is as it should be
 */
public record Self(String election, String nonce, String candidateId, Map<String, String> attributes, long firstToken) {

	public Self {
		if (nonce.isEmpty()) {
			throw new IllegalArgumentException("nonce is empty but must identify the candidate");
		}
		if (firstToken < 1) {
			throw new IllegalArgumentException("firstToken is " + firstToken + " but must be at least 1");
		}
		attributes = Map.copyOf(attributes);
	}

	/** Creates a candidate that leads with any token. */
	public Self(String election, String nonce, String candidateId, Map<String, String> attributes) {
		this(election, nonce, candidateId, attributes, 1);
	}

	/** What makes this candidate's pauses differ from those of others. */
	long seed() {
		return this.nonce.hashCode();
	}

}
