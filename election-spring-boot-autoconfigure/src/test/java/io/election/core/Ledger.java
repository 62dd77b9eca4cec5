package io.election.core;

import org.jspecify.annotations.Nullable;

/**
 * What a candidate's listeners and its store have been told so far, for who checks.
 */
final class Ledger {

	/** The term that was granted and not revoked. */
	@Nullable Lease granted;

	/** The last term that was granted, revoked or not. */
	long lastGranted;

	/** The highest token of anybody. */
	long highestToken;

	/** Whether listeners have not finished with the end of the last term. */
	boolean listening;

	/** Whether it gave a lease back since it looked: that look may still be under way. */
	boolean gaveBack;

	/** Who leads according to the last event about it. */
	@Nullable Incumbent leader;

	/** Local time at which requests were counted last, and how many since. */
	long countedFrom = Long.MIN_VALUE;

	int requests;

	/** How many requests have a cause other than time and answers. */
	int causes;

}
