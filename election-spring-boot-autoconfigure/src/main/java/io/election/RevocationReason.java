package io.election;

/**
 * Why a term of leadership ended.
 */
public enum RevocationReason {

	/** {@link LeaderElection#resign()} was called. */
	RESIGNED,

	/** The application stopped, or left the election. */
	STOPPED,

	/** No renewal succeeded before the renew deadline. */
	EXPIRED,

	/** The backend's record shows that the lease is not the candidate's any more. */
	LOST,

	/** {@link LeaderElection#pause()} was called. */
	PAUSED,

	/** The application does not accept traffic and must not lead meanwhile. */
	UNHEALTHY

}
