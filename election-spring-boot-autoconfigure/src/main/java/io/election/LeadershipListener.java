package io.election;

import org.jspecify.annotations.Nullable;

/**
 * Told of the terms of this candidate in one election.
 * <p>
 * A bean of this type is called for the main election, or for the one that its
 * {@code @Qualifier} names. Any other object is called for the election that it
 * {@linkplain LeaderElection#subscribe subscribes} to.
 * <p>
 * Calls come one at a time, in the order of events, on a thread that never renews a
 * lease. A listener may block: later events of its election then wait, and nothing else
 * does. What it throws is logged, and hides nothing from the other listeners.
 */
public interface LeadershipListener {

	/**
	 * This candidate leads.
	 * @param leadership the term that began
	 */
	default void onGranted(Leadership leadership) {
	}

	/**
	 * This candidate does not lead any more. The lease is not given back before this
	 * method returns, unless it runs out meanwhile; it is not given back at all, and has
	 * to run out, if this method throws, stops elections or closes the application
	 * context.
	 * @param leadership the term that ended
	 * @param reason why it ended
	 */
	default void onRevoked(Leadership leadership, RevocationReason reason) {
	}

	/**
	 * Another leads than before, or nobody.
	 * @param previous who led before, {@code null} if nobody was known to
	 * @param current who leads, {@code null} if nobody is known to
	 */
	default void onLeaderChanged(@Nullable Leader previous, @Nullable Leader current) {
	}

}
