package io.election.testing.integration;

/**
 * An answer of {@code isLeader()}. It is about some instant between the two; which one is
 * known to nobody but the call.
 *
 * @param before the clock read before the call
 * @param after the clock read after it
 */
public record Sample(long before, long after) {

	/** Whether this sample's instant certainly is not after the other's. */
	boolean isCertainlyBefore(Sample other) {
		return this.after <= other.before;
	}

}
