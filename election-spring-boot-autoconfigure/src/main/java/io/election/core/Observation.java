package io.election.core;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What a candidate last saw of an election's record, and when it saw it first.
 *
 * @param record the record, {@code null} if it was not seen yet
 * @param observedAt when this write of the record was first seen
 * @param lookedAt when the latest request was sent whose answer told something about it
 * @param lease how long nobody may claim the record from {@code observedAt} on
 * @param highestTerm the highest token seen in this process
 * @param expired whether the lease is known to have run out since
 * @param lowerSince since when every look has shown a lower token than the highest,
 * {@link Timing#NEVER} if the latest did not
 */
record Observation(@Nullable LeaseRecord record, long observedAt, long lookedAt, Duration lease, long highestTerm,
		boolean expired, long lowerSince) {

	/**
	 * Nothing was seen yet, or what was seen has changed since a request that was sent at
	 * the given instant.
	 */
	static Observation none(long highestTerm, long changedAt) {
		return new Observation(null, 0, changedAt, Duration.ZERO, highestTerm, false, Timing.NEVER);
	}

	/** One's own record, just written by a request sent at the given instant. */
	Observation own(Self self, Timing timing, Lease lease, long askedAt) {
		LeaseRecord.Held held = new LeaseRecord.Held(lease, self.candidateId(), self.attributes(), 0,
				timing.leaseDuration(), timing.renewDeadline(), Duration.ZERO);
		return new Observation(held, askedAt, askedAt, timing.leaseDuration(), Math.max(this.highestTerm, lease.term()),
				false, Timing.NEVER);
	}

	/**
	 * What is known after the given record was read by a look sent at {@code askedAt} and
	 * answered by {@code now}. The answer to a look that was overtaken changes nothing.
	 */
	Observation seen(Timing timing, LeaseRecord read, long askedAt, long now) {
		if (askedAt < this.lookedAt) {
			return this;
		}
		if (this.record != null && read.isSameAs(this.record)) {
			return new Observation(this.record, this.observedAt, askedAt, this.lease, this.highestTerm, this.expired,
					lowerSince(read, askedAt));
		}
		boolean backdate = this.record != null && read instanceof LeaseRecord.Held;
		long seenAt = backdate ? timing.observedAt((LeaseRecord.Held) read, this.lookedAt, now) : now;
		return new Observation(read, seenAt, askedAt, leaseOf(timing, read), Math.max(this.highestTerm, read.term()),
				false, lowerSince(read, askedAt));
	}

	private long lowerSince(LeaseRecord read, long askedAt) {
		if (!isLowerThan(this.highestTerm, read)) {
			return Timing.NEVER;
		}
		// A look sent before the higher token was seen may be older than it
		long tellsSince = (this.record != null) ? Math.max(askedAt, this.observedAt) : askedAt;
		return Math.min(this.lowerSince, tellsSince);
	}

	/**
	 * Whether a record is older than the given token. One that tells of no token shows
	 * nothing: an operator may have deleted record and fence, and where the store ends
	 * leases that is all there is whenever nobody leads.
	 */
	static boolean isLowerThan(long highestTerm, LeaseRecord record) {
		return record.term() > 0 && record.term() < highestTerm;
	}

	/**
	 * Whether the store has lost writes that it had acknowledged: it has shown a lower
	 * token than the highest for so long that no answer was merely late, or came from a
	 * server that lags.
	 */
	boolean showsLostWrites(Timing timing) {
		return this.lowerSince != Timing.NEVER && this.lookedAt - this.lowerSince >= timing.leaseDuration().toNanos();
	}

	/**
	 * The lease that must run out. A record that is gone without having been given back
	 * counts as held for the longest lease it may have had.
	 */
	private Duration leaseOf(Timing timing, LeaseRecord read) {
		if (read instanceof LeaseRecord.Held held) {
			return Timing.leaseOf(held);
		}
		if (read instanceof LeaseRecord.Vacant || read instanceof LeaseRecord.Kept
				|| (read instanceof LeaseRecord.Absent && this.record == null)) {
			return Duration.ZERO;
		}
		Duration stated = (read instanceof LeaseRecord.Vanished vanished && !vanished.leaseDuration().isZero())
				? Timing.clamp(vanished.leaseDuration()) : Duration.ZERO;
		Duration longest = (stated.compareTo(this.lease) > 0) ? stated : this.lease;
		return longest.isZero() ? timing.leaseDuration() : longest;
	}

	Observation at(long now) {
		return (this.expired || now < leaseEnd()) ? this : new Observation(this.record, this.observedAt, this.lookedAt,
				this.lease, this.highestTerm, true, this.lowerSince);
	}

	/** When to look again after a look at {@code now}. */
	long lookAt(Timing timing, long now) {
		return (this.record != null) ? timing.lookAt(now, this.record) : now;
	}

	/** When the lease runs out as far as it was observed. */
	long leaseEnd() {
		return (this.record != null && !(this.record instanceof LeaseRecord.Kept))
				? this.observedAt + this.lease.toNanos() : Timing.NEVER;
	}

	/**
	 * When the given candidate, who does not lead, may claim the record. Its own record
	 * is of a term that it has ended or never began, so there is nobody to wait for.
	 */
	long claimableAt(Self self) {
		return (heldBy(self) != null) ? this.observedAt : leaseEnd();
	}

	/** The lease if the given candidate holds it, else {@code null}. */
	@Nullable Lease heldBy(Self self) {
		return (this.record instanceof LeaseRecord.Taken taken && taken.lease().nonce().equals(self.nonce()))
				? taken.lease() : null;
	}

	/** Who leads other than the given candidate, {@code null} if nobody is known to. */
	@Nullable Incumbent leaderBeside(Self self) {
		if (this.expired || heldBy(self) != null || !(this.record instanceof LeaseRecord.Taken taken)) {
			return null;
		}
		return new Incumbent(taken.lease().nonce(), taken.term(), taken.candidateId(), taken.attributes(),
				taken.since());
	}

}
