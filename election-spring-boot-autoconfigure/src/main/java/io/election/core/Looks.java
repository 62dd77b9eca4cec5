package io.election.core;

/**
 * When a waiting candidate looks at the record. At most one look of its is under way,
 * beside one from before it gave a lease back.
 *
 * @param nextAt when the next look is due, if none is under way
 * @param askedAt when the look under way was sent, {@link Timing#NEVER} if none is
 * @param again whether a hint came while a look was under way, which may have missed what
 * the hint is about
 * @param failures how many requests in a row had no known outcome
 */
record Looks(long nextAt, long askedAt, boolean again, int failures) {

	static Looks dueAt(long instant) {
		return new Looks(instant, Timing.NEVER, false, 0);
	}

	/** What the record is like is not known; nothing else is done before a look. */
	static Looks first(long instant) {
		return new Looks(instant, Timing.NEVER, false, 1);
	}

	boolean underWay() {
		return this.askedAt != Timing.NEVER;
	}

	/** Whether the record is known well enough to act on it. */
	boolean settled() {
		return !underWay() && this.failures == 0;
	}

	long wakeAt(Timing timing) {
		return underWay() ? timing.unansweredAt(this.askedAt) : this.nextAt;
	}

	/** A look that was not answered in time has failed. */
	Looks at(Timing timing, long now, long seed) {
		return (underWay() && now >= timing.unansweredAt(this.askedAt)) ? failed(timing, now, seed) : this;
	}

	boolean isDue(long now) {
		return !underWay() && now >= this.nextAt;
	}

	Looks sent(long now) {
		return new Looks(this.nextAt, now, false, this.failures);
	}

	Looks hinted(long now) {
		return underWay() ? new Looks(this.nextAt, this.askedAt, true, this.failures)
				: new Looks(now, this.askedAt, false, this.failures);
	}

	Looks answered(long now, long nextLookAt) {
		return dueAt(this.again ? now : nextLookAt);
	}

	Looks failed(Timing timing, long now, long seed) {
		return new Looks(timing.retryAt(now, this.failures + 1, seed), Timing.NEVER, false, this.failures + 1);
	}

}
