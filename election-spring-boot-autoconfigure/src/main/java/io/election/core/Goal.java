package io.election.core;

import java.time.Duration;

/**
 * What a candidate is after while it does not lead.
 *
 * @param kind what it is after
 * @param time {@link Kind#ASIDE}: for how long others are let in
 */
public record Goal(Kind kind, Duration time) {

	static final Goal COMPETE = new Goal(Kind.COMPETE, Duration.ZERO);

	static final Goal PAUSE = new Goal(Kind.PAUSE, Duration.ZERO);

	static final Goal STOP = new Goal(Kind.STOP, Duration.ZERO);

	static Goal aside(Duration time) {
		return new Goal(Kind.ASIDE, time);
	}

	/** The kinds of goal. */
	public enum Kind {

		/** To lead. */
		COMPETE,

		/** To let others in until another leads or the time is over. */
		ASIDE,

		/** To look on, until resumed. */
		PAUSE,

		/** To be gone. */
		STOP

	}

}
