package io.election.core;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The candidate has asked for the lease and waits for the answer.
 *
 * @param self the candidate
 * @param seen what it last saw of the record
 * @param goal what it is after by now
 * @param askedAt when it asked
 * @param stopBy when it waits no longer after a stop, {@link Timing#NEVER} before one
 * @param hinted whether a hint came meanwhile, which the answer may know nothing of
 */
record Claiming(Self self, Observation seen, Goal goal, long askedAt, long stopBy, boolean hinted) implements Standing {

	@Override
	public @Nullable Incumbent leader() {
		return this.seen.leaderBeside(this.self);
	}

	@Override
	public long highestTerm() {
		return this.seen.highestTerm();
	}

	@Override
	public long wakeAt(Timing timing) {
		return Math.min(this.stopBy, timing.unansweredAt(this.askedAt));
	}

	@Override
	public Step tick(Timing timing, long now) {
		if (now >= this.stopBy) {
			return Stopped.from(this);
		}
		return (now >= timing.unansweredAt(this.askedAt)) ? unknown(timing, now) : Step.stay(this);
	}

	@Override
	public Step hint(Timing timing, long now, LeaseRecord.@Nullable Vacant vacated) {
		return new Claiming(this.self, this.seen, this.goal, this.askedAt, this.stopBy, true).tick(timing, now);
	}

	@Override
	public Step answered(Timing timing, long now, Request request, Answer answer) {
		if (!(request instanceof Request.Acquire acquire) || acquire.askedAt() != this.askedAt) {
			return tick(timing, now);
		}
		if (answer instanceof Answer.Held held) {
			return held(timing, now, held.lease(), acquire.seen());
		}
		if (answer instanceof Answer.Refused refused) {
			return refused(timing, now, this.seen.seen(timing, refused.record(), this.askedAt, now));
		}
		if (answer instanceof Answer.Busy) {
			return busy(timing, now);
		}
		if (answer instanceof Answer.Unknown) {
			return unknown(timing, now);
		}
		throw Standing.mismatch(request, answer);
	}

	private Step held(Timing timing, long now, Lease lease, LeaseRecord replaced) {
		Observation own = this.seen.own(this.self, timing, lease, this.askedAt);
		if (lease.term() <= highestTerm() || lease.term() < this.self.firstToken()) {
			// Not tried again before an operator resumes: the store has lost what it
			// acknowledged, or cannot do as it was told
			Goal goal = isStopping() ? Goal.STOP : Goal.PAUSE;
			return Yielding.givingBack(this, own, lease, goal, this.askedAt, this.stopBy, timing, now)
				.after(new Effect.TokenRefused(lease.term(), highestTerm()));
		}
		boolean wanted = this.goal.kind() == Goal.Kind.COMPETE && now < timing.deadline(this.askedAt);
		Step step = wanted
				? Step.of(this, Leading.granted(this.self, own, lease, this.askedAt, timing), new Effect.Granted(lease))
				: Yielding.givingBack(this, own, lease, this.goal, this.askedAt, this.stopBy, timing, now);
		// It was not just seen, which may have been out of date, but there to be replaced
		return Observation.isLowerThan(highestTerm(), replaced)
				? step.after(new Effect.WritesLost(replaced.term(), highestTerm())) : step;
	}

	/** Looks soon if a hint came meanwhile, which mostly is of what the answer tells. */
	private Step refused(Timing timing, long now, Observation seen) {
		long again = timing.retryRefusedAt(now, this.self.seed());
		long lookAt = this.hinted ? again : seen.lookAt(timing, now);
		return isStopping() ? Stopped.from(this) : waiting(seen, Looks.dueAt(lookAt), again, timing, now);
	}

	/** Looks before it tries again, unless what it saw itself is what it claimed. */
	private Step busy(Timing timing, long now) {
		long again = timing.retryRefusedAt(now, this.self.seed());
		return isStopping() ? Stopped.from(this) : waiting(this.seen, Looks.dueAt(again), again, timing, now);
	}

	/** Looks at once, but the next claim may well fail as this one did. */
	private Step unknown(Timing timing, long now) {
		long again = timing.retryAt(now, 2, this.self.seed());
		return isStopping() ? Stopped.from(this) : waiting(this.seen, Looks.first(now), again, timing, now);
	}

	private Step waiting(Observation seen, Looks looks, long claimNotBefore, Timing timing, long now) {
		return new Waiting(this.self, seen, this.goal, Timing.NEVER, looks, claimNotBefore).proceed(this, timing, now);
	}

	@Override
	public Step listenersFinished(Timing timing, long now, long term) {
		return tick(timing, now);
	}

	@Override
	public Step listenersFailed(Timing timing, long now, long term) {
		return listenersFinished(timing, now, term);
	}

	@Override
	public Step resign(Timing timing, long now, Duration standAside) {
		return tick(timing, now);
	}

	@Override
	public Step pause(Timing timing, long now, Reason reason) {
		return with(Goal.PAUSE).tick(timing, now);
	}

	@Override
	public Step resume(Timing timing, long now) {
		return with(Goal.COMPETE).tick(timing, now);
	}

	@Override
	public Step stop(Timing timing, long now, Duration timeout) {
		long by = Math.min(this.stopBy, now + timeout.toNanos());
		return new Claiming(this.self, this.seen, Goal.STOP, this.askedAt, by, this.hinted).tick(timing, now);
	}

	private boolean isStopping() {
		return this.goal.kind() == Goal.Kind.STOP;
	}

	private Claiming with(Goal goal) {
		return isStopping() ? this : new Claiming(this.self, this.seen, goal, this.askedAt, this.stopBy, this.hinted);
	}

}
