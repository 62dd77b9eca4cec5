package io.election.runtime;

import java.time.Duration;
import java.util.function.LongSupplier;

import io.election.core.Timing;

/**
 * For how long one thread has been at its present piece of work, so that others can tell
 * when it is stuck.
 */
final class BusyTime {

	private final LongSupplier ticks;

	private volatile long since = Timing.NEVER;

	BusyTime(LongSupplier ticks) {
		this.ticks = ticks;
	}

	/** A piece of work begins. */
	void begin() {
		this.since = this.ticks.getAsLong();
	}

	/** It has ended. */
	void end() {
		this.since = Timing.NEVER;
	}

	/** How long it has taken by now, zero if the thread is idle; on any thread. */
	Duration get() {
		long began = this.since;
		return (began != Timing.NEVER) ? Duration.ofNanos(this.ticks.getAsLong() - began) : Duration.ZERO;
	}

}
