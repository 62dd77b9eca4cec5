package io.election.core;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The three numbers of an election and every deadline that follows from them.
 * <p>
 * The numbers and their relations are those of Kubernetes' client-go
 * ({@code tools/leaderelection}). All instants are nanoseconds on one process's monotonic
 * clock; they mean nothing in another process.
 *
 * @param leaseDuration how long nobody else is let in after the last renewal, 1 s to 1 h
 * @param renewDeadline how long after the last successful renewal was <em>asked for</em>
 * a leader still believes that it leads; shorter than the lease by at least one retry
 * period
 * @param retryPeriod the time between two renewals, and between two tries after a
 * failure; at least 100 ms, because every call to a store must end within it
 */
public record Timing(Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {

	/** An instant that never comes. */
	public static final long NEVER = Long.MAX_VALUE;

	private static final Duration DEFAULT_LEASE = Duration.ofSeconds(15);

	private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

	private static final Duration LONGEST_LEASE = Duration.ofHours(1);

	private static final Duration SHORTEST_RETRY = Duration.ofMillis(100);

	public Timing {
		require(leaseDuration.compareTo(SHORTEST_LEASE) >= 0 && leaseDuration.compareTo(LONGEST_LEASE) <= 0,
				"election.lease-duration", leaseDuration, "between 1s and 1h");
		require(retryPeriod.compareTo(SHORTEST_RETRY) >= 0, "election.retry-period", retryPeriod, "at least 100ms");
		require(renewDeadline.compareTo(leaseDuration) < 0, "election.renew-deadline", renewDeadline,
				"shorter than election.lease-duration (" + show(leaseDuration) + ")");
		require(retryPeriod.compareTo(renewDeadline.multipliedBy(5).dividedBy(6)) < 0, "election.renew-deadline",
				renewDeadline, "longer than 1.2 times election.retry-period (" + show(retryPeriod) + ")");
		require(leaseDuration.compareTo(renewDeadline.plus(retryPeriod)) >= 0, "election.lease-duration", leaseDuration,
				"at least election.renew-deadline plus election.retry-period (" + show(renewDeadline) + " + "
						+ show(retryPeriod) + ")");
	}

	/**
	 * Derives the numbers that are not set from those that are: a lease of 15 s, a renew
	 * deadline of two thirds of the lease and a retry period of two fifteenths of it, or
	 * the nearest that fit where these do not.
	 * @param lease the lease duration, {@code null} if it is not set
	 * @param deadline the renew deadline, {@code null} if it is not set
	 * @param retry the retry period, {@code null} if it is not set
	 * @return the three numbers
	 * @throws IllegalArgumentException if no numbers fit those that are set
	 */
	public static Timing derive(@Nullable Duration lease, @Nullable Duration deadline, @Nullable Duration retry) {
		if (lease != null) {
			return within(lease, deadline, retry);
		}
		try {
			return within(DEFAULT_LEASE, deadline, retry);
		}
		catch (IllegalArgumentException ex) {
			return within(leaseFor(deadline, retry), deadline, retry);
		}
	}

	/**
	 * Numbers that fit together, with the given lease duration if that is possible at
	 * all, for messages.
	 * @param lease the lease duration, {@code null} if it is not set
	 * @return the properties with their values
	 */
	public static String example(@Nullable Duration lease) {
		Timing timing = derive((lease != null) ? clamp(lease) : null, null, null);
		return "election.lease-duration=%s, election.renew-deadline=%s and election.retry-period=%s"
			.formatted(show(timing.leaseDuration), show(timing.renewDeadline), show(timing.retryPeriod));
	}

	private static Timing within(Duration lease, @Nullable Duration deadline, @Nullable Duration retry) {
		Duration allowed = clamp(lease);
		Duration derived = deadline;
		if (derived == null) {
			Duration usual = wholeMillis(allowed.multipliedBy(2).dividedBy(3));
			derived = (retry != null) ? shorter(usual, allowed.minus(retry)) : usual;
		}
		return new Timing(lease, derived, (retry != null) ? retry : retryFor(allowed, derived));
	}

	/** Leaves room for two tries before the deadline. */
	private static Duration retryFor(Duration lease, Duration deadline) {
		Duration usual = lease.multipliedBy(2).dividedBy(15);
		Duration longest = shorter(deadline.dividedBy(2), lease.minus(deadline));
		return wholeMillis(longer(SHORTEST_RETRY, shorter(usual, longest)));
	}

	/** The lease from which the given numbers, or longer ones, would be derived. */
	private static Duration leaseFor(@Nullable Duration deadline, @Nullable Duration retry) {
		Duration lease = SHORTEST_LEASE;
		if (deadline != null) {
			lease = longer(lease, shorter(deadline, LONGEST_LEASE).multipliedBy(3).dividedBy(2));
		}
		if (retry != null) {
			lease = longer(lease, shorter(retry, LONGEST_LEASE).multipliedBy(15).dividedBy(2));
		}
		return clamp(lease);
	}

	private static Duration wholeMillis(Duration duration) {
		return Duration.ofMillis(duration.toMillis());
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) <= 0) ? one : other;
	}

	private static Duration longer(Duration one, Duration other) {
		return (one.compareTo(other) >= 0) ? one : other;
	}

	/**
	 * When a term ends that was last confirmed by a request sent at the given instant.
	 * Counted from the request and never from its reply: how long the reply was under way
	 * must not lengthen the term.
	 */
	long deadline(long askedAt) {
		return askedAt + this.renewDeadline.toNanos();
	}

	/** When the store may let others in, for a term with the given deadline. */
	long leaseEnd(long deadline) {
		return deadline - this.renewDeadline.toNanos() + this.leaseDuration.toNanos();
	}

	/**
	 * When a lease confirmed by a request sent at the given instant is renewed. Renewals
	 * of all elections of a process fall on one grid, so that one request carries them.
	 */
	long renewAt(long askedAt) {
		return nextOnGrid(askedAt, this.retryPeriod.toNanos());
	}

	/**
	 * When to try again after the given number of failures in a row: at once after the
	 * first, then every retry period, stretched by up to a fifth so that candidates do
	 * not march in step.
	 */
	long retryAt(long now, int failures, long seed) {
		return (failures <= 1) ? now : now + stretched(this.retryPeriod.toNanos(), now, seed);
	}

	/**
	 * When to look for a successor, after the lease was given back to let others in, if
	 * no hint comes before. Not at once: they need the store and the processor more
	 * urgently.
	 */
	long lookForSuccessorAt(long released) {
		return nextOnGrid(released, this.retryPeriod.toNanos());
	}

	/**
	 * When a request that was sent at the given instant, and not answered since, counts
	 * as one without a known outcome. Each call to a store ends within a retry period,
	 * and may have had to wait for another one. An answer that takes longer was lost in
	 * this very process.
	 */
	public long unansweredAt(long askedAt) {
		return askedAt + 2 * this.retryPeriod.toNanos();
	}

	/** When to try again after the record was busy or changed under a request: soon. */
	long retryRefusedAt(long now, long seed) {
		return now + stretched(this.retryPeriod.toNanos() / 10, now, seed);
	}

	/**
	 * When to look at a record next that was last looked at at the given instant: often
	 * enough that {@link #observedAt} can make up for the time between two looks. Where
	 * the store ends leases it also tells so, and a look is for the case that it did not.
	 */
	long lookAt(long lookedAt, LeaseRecord record) {
		if (record instanceof LeaseRecord.Kept) {
			return nextOnGrid(lookedAt, this.leaseDuration.toNanos());
		}
		long period = this.retryPeriod.toNanos();
		if (record instanceof LeaseRecord.Held held) {
			// Not below what a valid holder can ask for, whatever numbers the record has
			period = Math.min(period, Math.max(margin(held), SHORTEST_RETRY.toNanos()) * 2 / 5);
		}
		return nextOnGrid(lookedAt, period);
	}

	/**
	 * When a changed record counts as seen: when the answer arrived, back-dated by the
	 * age that the server states. The server's clock may lie, therefore never before the
	 * previous look was sent, when the record still was another, and never by more than
	 * half of what the holder's lease outlasts its deadline.
	 */
	long observedAt(LeaseRecord.Held held, long previousLookAt, long now) {
		long backdate = Math.min(nanos(held.age()), margin(held) / 2);
		return Math.max(previousLookAt, now - backdate);
	}

	/** The lease that the holder of a record was promised, within what is allowed. */
	static Duration leaseOf(LeaseRecord.Held held) {
		return clamp(held.leaseDuration());
	}

	static Duration clamp(Duration lease) {
		if (lease.compareTo(SHORTEST_LEASE) < 0) {
			return SHORTEST_LEASE;
		}
		return (lease.compareTo(LONGEST_LEASE) > 0) ? LONGEST_LEASE : lease;
	}

	private static long margin(LeaseRecord.Held held) {
		return Math.max(0, leaseOf(held).toNanos() - nanos(held.renewDeadline()));
	}

	/** A duration from a record, which may be anything, within zero and an hour. */
	private static long nanos(Duration duration) {
		if (duration.isNegative()) {
			return 0;
		}
		return (duration.compareTo(LONGEST_LEASE) > 0) ? LONGEST_LEASE.toNanos() : duration.toNanos();
	}

	private static long nextOnGrid(long instant, long period) {
		return (Math.floorDiv(instant, period) + 1) * period;
	}

	/** A period times 1 to 1.2, different for every candidate and instant. */
	private static long stretched(long period, long now, long seed) {
		long mixed = (now ^ seed) * 0x9E3779B97F4A7C15L;
		return period + Math.floorMod(mixed ^ (mixed >>> 32), period / 5 + 1);
	}

	private static void require(boolean valid, String property, Duration given, String allowed) {
		if (!valid) {
			throw new IllegalArgumentException(property + " is " + show(given) + " but must be " + allowed);
		}
	}

	/**
	 * Writes a duration as people write it in properties, such as {@code 15s} or
	 * {@code 200ms}. This is the form of durations in all messages.
	 */
	public static String show(Duration duration) {
		return (duration.getNano() == 0) ? duration.getSeconds() + "s" : duration.toMillis() + "ms";
	}

}
