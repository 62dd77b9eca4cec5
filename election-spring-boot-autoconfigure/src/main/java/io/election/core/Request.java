package io.election.core;

/**
 * What a candidate asks of its store. Answers are handed back together with the request,
 * because nothing but the instant at which a request was made can set a deadline.
 */
public sealed interface Request {

	/** When the request was made, before it was sent. */
	long askedAt();

	/** Reads the record. Answered by {@link Answer.Seen}. */
	record Look(long askedAt) implements Request {
	}

	/**
	 * Takes the lease if the record still is the one that was seen. Answered by
	 * {@link Answer.Held}, {@link Answer.Refused} or {@link Answer.Busy}.
	 *
	 * @param seen the record as last observed
	 * @param highestTerm the highest token ever seen, or that before the candidate's
	 * first if none is as high; that of the new term is higher
	 */
	record Acquire(long askedAt, LeaseRecord seen, long highestTerm) implements Request {
	}

	/**
	 * Prolongs the lease if the record still is the one last written. Answered by
	 * {@link Answer.Held} or {@link Answer.Refused}.
	 */
	record Renew(long askedAt, Lease lease) implements Request {
	}

	/**
	 * Marks the record vacant if it still is of this nonce and term. Answered by
	 * {@link Answer.Released}, also where there was nothing left to release.
	 */
	record Release(long askedAt, Lease lease) implements Request {
	}

}
