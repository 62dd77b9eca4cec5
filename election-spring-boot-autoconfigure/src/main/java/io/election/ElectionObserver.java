package io.election;

import java.time.Duration;

/**
 * Is told what the elections of this process do, for instance to measure it. Every bean
 * of this type is, in the order in which things happened. Nothing waits for observers:
 * those that do not keep up miss something, and what they throw is logged. What happened
 * last may be told after elections have stopped, and not at all if the process ends then.
 * Observers are looked up when elections start, so that they may depend on elections.
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
	 * Listeners of an event are about to be called.
	 * @param event the event
	 */
	default void listening(ElectionEvent event) {
	}

	/**
	 * All listeners of an event have returned, those that are subscribed included.
	 * @param event the event
	 * @param took how long they took
	 * @param failed whether one of them threw
	 */
	default void listened(ElectionEvent event, Duration took, boolean failed) {
	}

	/**
	 * Somebody is known to lead, after nobody was.
	 * @param election the name of the election
	 * @param vacancy for how long nobody was known to lead
	 */
	default void leaderFound(String election, Duration vacancy) {
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
