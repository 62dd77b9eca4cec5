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

	/** It looks on and does not compete until it is resumed. */
	PAUSED

}
