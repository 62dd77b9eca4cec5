package io.election.actuate;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What {@link LeadershipEndpoint} made of an action.
 *
 * @param election the name of the election
 * @param action the action as it was given, {@code null} if none was
 * @param outcome what became of it
 * @param message the outcome in words
 */
public record ActionDescriptor(String election, @Nullable String action, Outcome outcome,
		String message) implements OperationResponseBody {

	/** What can become of an action. */
	public enum Outcome {

		/** It is under way: listeners are told, then the lease is given back. */
		ACCEPTED,

		/** The action or its parameter is none. */
		INVALID,

		/** The application does not take part in the election. */
		UNKNOWN_ELECTION,

		/** Only the leader can resign. */
		NOT_LEADER

	}

}
