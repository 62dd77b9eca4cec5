package io.election.core;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The candidate watches the record, and claims it when nobody else can hold it any more.
 *
 * @param self the candidate
 * @param seen what it last saw of the record
 * @param goal whether it competes, stands aside or is paused
 * @param asideUntil when standing aside ends, {@link Timing#NEVER} if it does not stand
 * aside
 * @param looks when it looks
 * @param claimNotBefore the end of the pause after a refused claim
 */
record Waiting(Self self, Observation seen, Goal goal, long asideUntil, Looks looks,
		long claimNotBefore) implements Standing {

	/** Waits for the answer to a look that is due at once. */
	static Waiting lookingAtOnce(Self self, Observation seen, Goal goal, long now) {
		return looking(self, seen, goal, now, now);
	}

	/** Does nothing before the answer to a look. Standing aside begins now. */
	static Waiting looking(Self self, Observation seen, Goal goal, long lookAt, long now) {
		long asideUntil = (goal.kind() == Goal.Kind.ASIDE) ? now + goal.time().toNanos() : Timing.NEVER;
		return new Waiting(self, seen, goal, asideUntil, Looks.first(Math.min(lookAt, asideUntil)), now);
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
		long wakeAt = Math.min(this.asideUntil, this.looks.wakeAt(timing));
		if (!this.seen.expired()) {
			wakeAt = Math.min(wakeAt, this.seen.leaseEnd());
		}
		return mayClaim() ? Math.min(wakeAt, claimAt()) : wakeAt;
	}

	@Override
	public Step tick(Timing timing, long now) {
		return proceed(this, timing, now);
	}

	@Override
	public Step hint(Timing timing, long now, LeaseRecord.@Nullable Vacant vacated) {
		Waiting next = atTime(timing, now);
		if (vacated != null && next.mayClaim() && (now >= this.claimNotBefore || next.leader() != null)) {
			// It need not be true: the store compares. The pause after a refused claim is
			// not for the end of whoever won
			return next.claim(this, vacated, now);
		}
		// A look under way may have come before; none is needed where it is seen already,
		// or expected after our own release
		boolean news = vacated == null || this.looks.underWay()
				|| (this.seen.record() != null && !vacated.isSameAs(this.seen.record()));
		return (news ? with(this.looks.hinted(now)) : this).proceed(this, timing, now);
	}

	@Override
	public Step answered(Timing timing, long now, Request request, Answer answer) {
		if (!(request instanceof Request.Look look)) {
			return proceed(this, timing, now); // late: its outcome was given up as
												// unknown
		}
		boolean awaited = look.askedAt() == this.looks.askedAt();
		if (answer instanceof Answer.Seen read) {
			return seen(timing, now, look, awaited, read.record());
		}
		if (answer instanceof Answer.Unknown) {
			return (awaited ? with(this.looks.failed(timing, now, this.self.seed())) : this).proceed(this, timing, now);
		}
		throw Standing.mismatch(request, answer);
	}

	private Step seen(Timing timing, long now, Request.Look look, boolean awaited, LeaseRecord record) {
		Observation observation = this.seen.seen(timing, record, look.askedAt(), now);
		Looks next = awaited ? this.looks.answered(now, observation.lookAt(timing, now)) : this.looks;
		boolean asideIsOver = this.goal.kind() == Goal.Kind.ASIDE && otherHasLed(observation);
		Goal goal = asideIsOver ? Goal.COMPETE : this.goal;
		Lease own = observation.heldBy(this.self);
		if (goal.kind() != Goal.Kind.COMPETE && own != null) {
			// Of a claim or a release without a known outcome; others need not wait for
			// it
			return Yielding.givingBack(this, observation, own, goal, now, Timing.NEVER, timing, now);
		}
		Step step = new Waiting(this.self, observation, goal, asideIsOver ? Timing.NEVER : this.asideUntil, next,
				this.claimNotBefore)
			.proceed(this, timing, now);
		return observation.showsLostWrites(timing)
				? step.after(new Effect.WritesLost(record.term(), observation.highestTerm())) : step;
	}

	/** Since we began to wait, even if it leads no more. */
	private boolean otherHasLed(Observation observation) {
		return observation.leaderBeside(this.self) != null
				|| (observation.heldBy(this.self) == null && observation.highestTerm() > highestTerm());
	}

	@Override
	public Step listenersFinished(Timing timing, long now, long term) {
		return proceed(this, timing, now);
	}

	@Override
	public Step listenersFailed(Timing timing, long now, long term) {
		return listenersFinished(timing, now, term);
	}

	@Override
	public Step resign(Timing timing, long now, Duration standAside) {
		return proceed(this, timing, now);
	}

	@Override
	public Step pause(Timing timing, long now, Reason reason) {
		return with(Goal.PAUSE).proceed(this, timing, now);
	}

	@Override
	public Step resume(Timing timing, long now) {
		return ((this.goal.kind() == Goal.Kind.PAUSE) ? with(Goal.COMPETE) : this).proceed(this, timing, now);
	}

	@Override
	public Step stop(Timing timing, long now, Duration timeout) {
		return Stopped.from(this);
	}

	/** Does what is due, in a step that began at the given standing. */
	Step proceed(Standing from, Timing timing, long now) {
		Waiting next = atTime(timing, now);
		if (next.mayClaim() && now >= next.claimAt() && next.seen.record() != null) {
			return next.claim(from, next.seen.record(), now);
		}
		if (next.looks.isDue(now)) {
			return Step.of(from, next.with(next.looks.sent(now)), new Effect.Send(new Request.Look(now)));
		}
		return Step.of(from, next);
	}

	private Step claim(Standing from, LeaseRecord record, long now) {
		long highest = Math.max(highestTerm(), this.self.firstToken() - 1);
		return Step.of(from, new Claiming(this.self, this.seen, Goal.COMPETE, now, Timing.NEVER, false),
				new Effect.Send(new Request.Acquire(now, record, highest)));
	}

	private Waiting atTime(Timing timing, long now) {
		boolean asideIsOver = now >= this.asideUntil;
		return new Waiting(this.self, this.seen.at(now), asideIsOver ? Goal.COMPETE : this.goal,
				asideIsOver ? Timing.NEVER : this.asideUntil, this.looks.at(timing, now, this.self.seed()),
				this.claimNotBefore);
	}

	private boolean mayClaim() {
		return this.goal.kind() == Goal.Kind.COMPETE && this.looks.settled();
	}

	private long claimAt() {
		return Math.max(this.seen.claimableAt(this.self), this.claimNotBefore);
	}

	private Waiting with(Looks looks) {
		return new Waiting(this.self, this.seen, this.goal, this.asideUntil, looks, this.claimNotBefore);
	}

	private Waiting with(Goal goal) {
		return new Waiting(this.self, this.seen, goal, Timing.NEVER, this.looks, this.claimNotBefore);
	}

}
