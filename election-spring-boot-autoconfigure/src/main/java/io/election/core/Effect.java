package io.election.core;

import org.jspecify.annotations.Nullable;

/**
 * What a transition asks its driver to do, after the next standing is published and in
 * the order given.
 */
public sealed interface Effect {

	/** Hand the request to the store and its answer back to the standing. */
	record Send(Request request) implements Effect {
	}

	/** Tell listeners that a term began. */
	record Granted(Lease lease) implements Effect {
	}

	/**
	 * Tell listeners that a term ended, and tell the standing when they have finished.
	 */
	record Revoked(Lease lease, Reason reason) implements Effect {
	}

	/** Tell listeners that another leads, or nobody. */
	record LeaderChanged(@Nullable Incumbent previous, @Nullable Incumbent current) implements Effect {
	}

	/**
	 * Report that the store handed out a token that no term may have. It is not higher
	 * than one seen before: the store has lost acknowledged writes. Or it is lower than
	 * the candidate's first: the store makes tokens itself. The term was not begun.
	 *
	 * @param token the token that was refused
	 * @param highest the highest token seen
	 */
	record TokenRefused(long token, long highest) implements Effect {
	}

	/**
	 * Report that the store has lost writes that it had acknowledged: it shows a lower
	 * token than one seen before, or an earlier renewal of this candidate's term than it
	 * had confirmed. The election goes on, with higher tokens than any seen. Comes again
	 * for as long as it is so.
	 *
	 * @param token the token that the store shows
	 * @param highest the highest token seen, the same for a renewal
	 */
	record WritesLost(long token, long highest) implements Effect {
	}

	/** The candidate is gone; nothing follows. */
	record Stopped() implements Effect {
	}

}
