package io.election;

/**
 * Where a candidate stands in an election.
 */
public enum ElectionState {

	/** It does not take part: not started yet, or stopped. */
	UNKNOWN,

	/** It takes part and does not lead. */
	CANDIDATE,

	/** It leads. */
	LEADER,

	/**
	 * It looks on and does not compete until it is resumed, or, if it does not accept
	 * traffic and has to, until it does.
	 */
	PAUSED

}
