package io.election.core;

import org.jspecify.annotations.Nullable;

/**
 * What is outside of simulated candidates and not under their control.
 */
interface Environment {

	Agenda agenda();

	Rules rules();

	/**
	 * Carries a request to the store. It has not been answered yet.
	 * @param arrived to be run when the request arrives, which may be never, or twice
	 * @param failed to be run if the sender learns at once that it failed
	 */
	void carryRequest(SimulatedCandidate from, Request request, Runnable arrived, Runnable failed);

	/** Has the store carry out a request that has arrived there. */
	Answer carryOut(SimulatedCandidate from, Request request);

	/** Carries an answer back. */
	void carryAnswer(SimulatedNode to, Runnable arrived);

	/** How long a request waits for the thread that sends it. */
	long queueTime();

	/**
	 * Whether a request is lost without a word before it is sent, as where memory has run
	 * out.
	 */
	boolean forgets();

	/** After how much local time a sender gives up, less than a retry period. */
	long requestTimeout(Timing timing);

	/** How long listeners need for an event. */
	long listenerTime(SimulatedCandidate candidate, Effect event);

	/** Whether a listener of the end of a term throws. */
	boolean listenerFails();

	/**
	 * A candidate has taken a step, and nothing was done about its effects yet.
	 * @param from where it stood, {@code null} when it joined
	 */
	void stepped(SimulatedCandidate candidate, @Nullable Standing from, @Nullable Input input, Step step);

	/** A process that was paused can act again, and has not done anything yet. */
	void woke(SimulatedNode node);

	/** A renewal was dropped because its term had ended before it was sent. */
	void dropped(SimulatedCandidate candidate, Request.Renew renew);

	/** An answer came after its request had been given up. */
	void answeredLate(SimulatedCandidate candidate, Request request, Answer answer);

}
