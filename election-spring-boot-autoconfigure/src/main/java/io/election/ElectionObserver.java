package io.election;

import java.time.Duration;

/**
 * Is told what the elections of this process do, for instance to measure it. Every bean
 * of this type is. Called on threads of the elections, several at a time: has to return
 * at once, and what it throws is logged and forgotten.
 */
public interface ElectionObserver {

	/**
	 * The application takes part in an election from now on.
	 * @param election the name of the election
	 */
	default void joined(String election) {
	}

	/**
	 * The application takes part in an election no longer.
	 * @param election the name of the election
	 */
	default void left(String election) {
	}

	/**
	 * A request was answered, or was not in time.
	 * @param election the name of the election
	 * @param attempt what was asked for
	 * @param outcome the answer
	 * @param took from when it was due until it was answered, a wait for other requests
	 * included
	 */
	default void attempted(String election, Attempt attempt, Outcome outcome, Duration took) {
	}

	/**
	 * A hint came from the backend: the record of an election may have changed.
	 * @param election the name of the election
	 */
	default void hinted(String election) {
	}

	/**
	 * All listeners of an event have returned; those that are subscribed do not count.
	 * @param event the event
	 * @param took how long they took
	 * @param failed whether one of them threw
	 */
	default void listened(ElectionEvent event, Duration took, boolean failed) {
	}

	/** What can be asked for. */
	enum Attempt {

		/** The lease, for a new term. */
		ACQUIRE,

		/** The lease, for longer. */
		RENEW,

		/** To be rid of the lease. */
		RELEASE

	}

	/** What can be answered. */
	enum Outcome {

		/** The lease is held. */
		HELD,

		/** Somebody else holds it, or it is gone. */
		REFUSED,

		/** The record was in use; asked again soon. */
		BUSY,

		/** The lease was given back, or was not held. */
		RELEASED,

		/** There was no answer in time, or an error. */
		UNKNOWN

	}

}
