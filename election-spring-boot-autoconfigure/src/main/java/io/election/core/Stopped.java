package io.election.core;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The candidate is gone for good. Who takes part again is a new candidate, with a new
 * nonce.
 *
 * @param self the former candidate
 * @param highestTerm the highest token it saw, for the candidate that comes after it
 */
record Stopped(Self self, long highestTerm) implements Standing {

	/**
	 * The end of the given standing. Who leads is not known any more, but that nobody
	 * does would be wrong to say.
	 */
	static Step from(Standing from) {
		return new Step(new Stopped(from.self(), from.highestTerm()), List.of(new Effect.Stopped()));
	}

	@Override
	public @Nullable Incumbent leader() {
		return null;
	}

	@Override
	public Goal goal() {
		return Goal.STOP;
	}

	@Override
	public long wakeAt(Timing timing) {
		return Timing.NEVER;
	}

	@Override
	public Step tick(Timing timing, long now) {
		return Step.stay(this);
	}

	@Override
	public Step hint(Timing timing, long now, LeaseRecord.@Nullable Vacant vacated) {
		return Step.stay(this);
	}

	@Override
	public Step answered(Timing timing, long now, Request request, Answer answer) {
		return Step.stay(this);
	}

	@Override
	public Step listenersFinished(Timing timing, long now, long term) {
		return Step.stay(this);
	}

	@Override
	public Step listenersFailed(Timing timing, long now, long term) {
		return listenersFinished(timing, now, term);
	}

	@Override
	public Step resign(Timing timing, long now, Duration standAside) {
		return Step.stay(this);
	}

	@Override
	public Step pause(Timing timing, long now, Reason reason) {
		return Step.stay(this);
	}

	@Override
	public Step resume(Timing timing, long now) {
		return Step.stay(this);
	}

	@Override
	public Step stop(Timing timing, long now, Duration timeout) {
		return from(this);
	}

}
