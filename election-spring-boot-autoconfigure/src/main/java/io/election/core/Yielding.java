package io.election.core;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The candidate no longer leads: it waits for the listeners of the end of its term, then
 * gives the lease back. It does not compete before they have finished, so that the events
 * and the work of two of its terms never mix.
 *
 * @param self the candidate
 * @param seen what it last saw of the record
 * @param lease the lease to give back
 * @param goal what comes then
 * @param listening whether listeners have not finished
 * @param askedAt when the release under way was sent, {@link Timing#NEVER} if none is
 * @param releaseAt when the next release is due, if none is under way;
 * {@link Timing#NEVER} if the lease is to run out instead, since a listener has failed
 * @param releaseBy when there is nothing left to give back, because the lease ran out or
 * was lost
 * @param stopBy when it waits for nothing any longer after a stop, {@link Timing#NEVER}
 * before one
 * @param failures how many releases in a row had no known outcome
 * @param hinted whether something other than a vacancy was hinted at while a release was
 * under way: perhaps a successor
 */
record Yielding(Self self, Observation seen, Lease lease, Goal goal, boolean listening, long askedAt, long releaseAt,
		long releaseBy, long stopBy, int failures, boolean hinted) implements Standing {

	/** After a term that listeners know of. */
	static Yielding ended(Leading leading, Observation seen, Goal goal, long releaseBy, long stopBy) {
		return new Yielding(leading.self(), seen, leading.lease(), goal, true, Timing.NEVER, Timing.NEVER, releaseBy,
				stopBy, 0, false);
	}

	/** After a lease was won that nobody was told of; it is given back at once. */
	static Step givingBack(Standing from, Observation seen, Lease lease, Goal goal, long askedAt, long stopBy,
			Timing timing, long now) {
		return new Yielding(from.self(), seen, lease, goal, false, Timing.NEVER, now,
				timing.leaseEnd(timing.deadline(askedAt)), stopBy, 0, false)
			.release(from, now);
	}

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
		if (this.listening) {
			return this.stopBy;
		}
		long wakeAt = Math.min(this.releaseBy, this.stopBy);
		return Math.min(wakeAt, isReleasing() ? timing.unansweredAt(this.askedAt) : this.releaseAt);
	}

	@Override
	public Step tick(Timing timing, long now) {
		return proceed(this, timing, now);
	}

	@Override
	public Step hint(Timing timing, long now, LeaseRecord.@Nullable Vacant vacated) {
		boolean successor = vacated == null && isReleasing();
		return (successor ? new Yielding(this.self, this.seen, this.lease, this.goal, this.listening, this.askedAt,
				this.releaseAt, this.releaseBy, this.stopBy, this.failures, true) : this)
			.proceed(this, timing, now);
	}

	@Override
	public Step answered(Timing timing, long now, Request request, Answer answer) {
		if (!(request instanceof Request.Release) || request.askedAt() != this.askedAt) {
			return proceed(this, timing, now); // of a renewal or a look: it has no say
												// any more
		}
		if (answer instanceof Answer.Released) {
			boolean later = this.goal.kind() == Goal.Kind.ASIDE && !this.hinted;
			long lookAt = later ? timing.lookForSuccessorAt(now) : now;
			return finish(this, Observation.none(highestTerm(), request.askedAt()), lookAt, timing, now);
		}
		if (answer instanceof Answer.Unknown) {
			return failed(timing, now).proceed(this, timing, now);
		}
		throw Standing.mismatch(request, answer);
	}

	@Override
	public Step listenersFinished(Timing timing, long now, long term) {
		boolean released = this.listening && term == this.lease.term();
		return (released ? new Yielding(this.self, this.seen, this.lease, this.goal, false, Timing.NEVER, now,
				this.releaseBy, this.stopBy, 0, false) : this)
			.proceed(this, timing, now);
	}

	@Override
	public Step listenersFailed(Timing timing, long now, long term) {
		boolean failed = this.listening && term == this.lease.term();
		return (failed ? new Yielding(this.self, this.seen, this.lease, this.goal, false, Timing.NEVER, Timing.NEVER,
				this.releaseBy, this.stopBy, 0, false) : this)
			.proceed(this, timing, now);
	}

	@Override
	public Step resign(Timing timing, long now, Duration standAside) {
		return proceed(this, timing, now);
	}

	@Override
	public Step pause(Timing timing, long now, Reason reason) {
		return (isStopping() ? this : with(Goal.PAUSE, this.stopBy)).proceed(this, timing, now);
	}

	@Override
	public Step resume(Timing timing, long now) {
		boolean paused = this.goal.kind() == Goal.Kind.PAUSE;
		return (paused ? with(Goal.COMPETE, this.stopBy) : this).proceed(this, timing, now);
	}

	@Override
	public Step stop(Timing timing, long now, Duration timeout) {
		return with(Goal.STOP, Math.min(this.stopBy, now + timeout.toNanos())).proceed(this, timing, now);
	}

	private Step proceed(Standing from, Timing timing, long now) {
		boolean nothingToDo = now >= this.releaseBy || (isRunningOut() && isStopping());
		if (now >= this.stopBy || (!this.listening && nothingToDo)) {
			return finish(from, this.seen, now, timing, now);
		}
		if (isReleasing() && now >= timing.unansweredAt(this.askedAt)) {
			return failed(timing, now).proceed(from, timing, now);
		}
		if (this.listening || isReleasing() || now < this.releaseAt) {
			return Step.of(from, this);
		}
		return release(from, now);
	}

	private Yielding failed(Timing timing, long now) {
		int failures = this.failures + 1;
		return new Yielding(this.self, this.seen, this.lease, this.goal, this.listening, Timing.NEVER,
				timing.retryAt(now, failures, this.self.seed()), this.releaseBy, this.stopBy, failures, this.hinted);
	}

	private Step release(Standing from, long now) {
		Yielding next = new Yielding(this.self, this.seen, this.lease, this.goal, false, now, this.releaseAt,
				this.releaseBy, this.stopBy, this.failures, this.hinted);
		return Step.of(from, next, new Effect.Send(new Request.Release(now, this.lease)));
	}

	private Step finish(Standing from, Observation seen, long lookAt, Timing timing, long now) {
		return isStopping() ? Stopped.from(from)
				: Waiting.looking(this.self, seen, this.goal, lookAt, now).proceed(from, timing, now);
	}

	private Yielding with(Goal goal, long stopBy) {
		return new Yielding(this.self, this.seen, this.lease, goal, this.listening, this.askedAt, this.releaseAt,
				this.releaseBy, stopBy, this.failures, this.hinted);
	}

	/** Whether the lease is kept from others although nobody listens any more. */
	private boolean isRunningOut() {
		return !isReleasing() && this.releaseAt == Timing.NEVER;
	}

	private boolean isReleasing() {
		return this.askedAt != Timing.NEVER;
	}

	private boolean isStopping() {
		return this.goal.kind() == Goal.Kind.STOP;
	}

}
