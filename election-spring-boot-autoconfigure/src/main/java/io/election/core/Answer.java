package io.election.core;

/**
 * What a store answers.
 */
public sealed interface Answer {

	/** The record as it was read. */
	record Seen(LeaseRecord record) implements Answer {
	}

	/** The lease is the asker's, with this term and revision. */
	record Held(Lease lease) implements Answer {
	}

	/** The record was not the expected one but this, and was not changed. */
	record Refused(LeaseRecord record) implements Answer {
	}

	/** Somebody else is at work on the record, it was not changed. */
	record Busy() implements Answer {
	}

	/** The record is not (or no longer) of that nonce and term. */
	record Released() implements Answer {
	}

	/** It cannot be told whether the request was carried out, or ever will be. */
	record Unknown() implements Answer {
	}

}
