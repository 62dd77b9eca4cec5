package io.election.core;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The candidate leads, until the deadline unless a renewal moves it.
 *
 * @param self the candidate
 * @param seen its own record as last known to be written
 * @param lease the identity of that record
 * @param deadline when the term ends without another renewal; compared with the clock on
 * every {@code isLeader()}
 * @param renewAt when the next renewal is due, if none is under way
 * @param askedAt when the renewal under way was sent, {@link Timing#NEVER} if none is
 * @param failures how many renewals in a row did not succeed
 */
public record Leading(Self self, Observation seen, Lease lease, long deadline, long renewAt, long askedAt,
		int failures) implements Standing {

	static Leading granted(Self self, Observation seen, Lease lease, long askedAt, Timing timing) {
		return new Leading(self, seen, lease, timing.deadline(askedAt), timing.renewAt(askedAt), Timing.NEVER, 0);
	}

	@Override
	public Incumbent leader() {
		return new Incumbent(this.self.nonce(), this.lease.term(), this.self.candidateId(), this.self.attributes(), 0);
	}

	@Override
	public Goal goal() {
		return Goal.COMPETE;
	}

	@Override
	public long highestTerm() {
		return this.seen.highestTerm();
	}

	@Override
	public long wakeAt(Timing timing) {
		return Math.min(this.deadline, isRenewing() ? timing.unansweredAt(this.askedAt) : this.renewAt);
	}

	@Override
	public Step tick(Timing timing, long now) {
		return proceed(this, timing, now);
	}

	@Override
	public Step hint(Timing timing, long now, LeaseRecord.@Nullable Vacant vacated) {
		return proceed(this, timing, now);
	}

	@Override
	public Step answered(Timing timing, long now, Request request, Answer answer) {
		boolean ofThisTerm = request instanceof Request.Renew renew && renew.lease().term() == this.lease.term();
		if (now >= this.deadline || !ofThisTerm) {
			return proceed(this, timing, now); // a late answer revives nothing
		}
		Request.Renew renew = (Request.Renew) request;
		if (answer instanceof Answer.Held held) {
			return renewed(timing, renew, held.lease()).proceed(this, timing, now);
		}
		if (answer instanceof Answer.Refused refused) {
			return refused(timing, now, renew, refused.record());
		}
		if (answer instanceof Answer.Unknown) {
			return failed(timing, now, renew).proceed(this, timing, now);
		}
		throw Standing.mismatch(request, answer);
	}

	private Leading renewed(Timing timing, Request.Renew renew, Lease written) {
		boolean news = written.revision() > this.lease.revision();
		return new Leading(this.self, news ? this.seen.own(this.self, timing, written, renew.askedAt()) : this.seen,
				news ? written : this.lease, Math.max(this.deadline, timing.deadline(renew.askedAt())),
				isAwaited(renew) ? timing.renewAt(renew.askedAt()) : this.renewAt, stillUnderWay(renew),
				news ? 0 : this.failures);
	}

	private Step refused(Timing timing, long now, Request.Renew renew, LeaseRecord record) {
		if (!(record instanceof LeaseRecord.Held held) || !isOfThisTerm(held.lease())) {
			Observation others = this.seen.seen(timing, record, renew.askedAt(), now);
			return Step.of(this, Yielding.ended(this, others, Goal.COMPETE, now, Timing.NEVER),
					new Effect.Revoked(this.lease, Reason.LOST));
		}
		if (held.lease().revision() <= this.lease.revision()) {
			return older(timing, now, renew, held.lease());
		}
		// By an earlier try that was carried out after all, or by somebody who touched
		// the record, perhaps long before that try. Others count from then, so the
		// deadline stays
		long again = (this.failures <= 1) ? now : timing.retryRefusedAt(now, this.self.seed());
		return new Leading(this.self, this.seen.own(this.self, timing, held.lease(), renew.askedAt()), held.lease(),
				this.deadline, again, stillUnderWay(renew), this.failures + 1)
			.proceed(this, timing, now);
	}

	/**
	 * The write that the renewal was of is not there, or the record was locked. Where the
	 * term will end of it, the store has not just answered from a server that lags.
	 */
	private Step older(Timing timing, long now, Request.Renew renew, Lease read) {
		Leading next = failed(timing, now, renew);
		boolean lost = read.revision() < this.lease.revision() && renew.lease().equals(this.lease)
				&& next.renewAt() >= this.deadline;
		Step step = next.proceed(this, timing, now);
		return lost ? step.after(new Effect.WritesLost(read.term(), read.term())) : step;
	}

	private Leading failed(Timing timing, long now, Request.Renew renew) {
		int failures = this.failures + 1;
		return new Leading(this.self, this.seen, this.lease, this.deadline,
				isAwaited(renew) ? timing.retryAt(now, failures, this.self.seed()) : this.renewAt, stillUnderWay(renew),
				failures);
	}

	@Override
	public Step listenersFinished(Timing timing, long now, long term) {
		if (term == this.lease.term()) {
			throw new IllegalArgumentException("term " + term + " has not ended");
		}
		return proceed(this, timing, now);
	}

	@Override
	public Step listenersFailed(Timing timing, long now, long term) {
		return listenersFinished(timing, now, term);
	}

	@Override
	public Step resign(Timing timing, long now, Duration standAside) {
		return revoke(this, timing, now, Reason.RESIGNED, Goal.aside(standAside), Timing.NEVER);
	}

	@Override
	public Step pause(Timing timing, long now, Reason reason) {
		return revoke(this, timing, now, reason, Goal.PAUSE, Timing.NEVER);
	}

	@Override
	public Step resume(Timing timing, long now) {
		return proceed(this, timing, now);
	}

	@Override
	public Step stop(Timing timing, long now, Duration timeout) {
		return revoke(this, timing, now, Reason.STOPPED, Goal.STOP, now + timeout.toNanos());
	}

	private Step proceed(Standing from, Timing timing, long now) {
		if (now >= this.deadline) {
			return revoke(from, timing, now, Reason.EXPIRED, Goal.COMPETE, Timing.NEVER);
		}
		if (isRenewing() && now >= timing.unansweredAt(this.askedAt)) {
			return failed(timing, now, new Request.Renew(this.askedAt, this.lease)).proceed(from, timing, now);
		}
		if (isRenewing() || now < this.renewAt) {
			return Step.of(from, this);
		}
		Leading next = new Leading(this.self, this.seen, this.lease, this.deadline, this.renewAt, now, this.failures);
		return Step.of(from, next, new Effect.Send(new Request.Renew(now, this.lease)));
	}

	private Step revoke(Standing from, Timing timing, long now, Reason reason, Goal goal, long stopBy) {
		Reason actual = (now >= this.deadline) ? Reason.EXPIRED : reason;
		return Step.of(from, Yielding.ended(this, this.seen, goal, timing.leaseEnd(this.deadline), stopBy),
				new Effect.Revoked(this.lease, actual));
	}

	private boolean isOfThisTerm(Lease written) {
		return written.nonce().equals(this.self.nonce()) && written.term() == this.lease.term();
	}

	private boolean isRenewing() {
		return this.askedAt != Timing.NEVER;
	}

	private boolean isAwaited(Request.Renew renew) {
		return renew.askedAt() == this.askedAt;
	}

	private long stillUnderWay(Request.Renew renew) {
		return isAwaited(renew) ? Timing.NEVER : this.askedAt;
	}

}
