package io.election.runtime;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The rule for how long an outage lasts: from the first request that fails, for as long
 * as some kind of request that failed has not succeeded since.
 * <p>
 * So a renewal that fails and succeeds when it is tried again ends its outage, however
 * often that happens, while a missing privilege is one outage although requests of other
 * kinds succeed. A kind that is not asked for any more (a follower renews nothing) is
 * forgotten after a while, when a request of another kind succeeds.
 *
 * @param <K> kinds of requests
 */
final class FailingKinds<K extends Enum<K>> {

	private final LongSupplier ticks;

	private final long memory;

	/** When each kind failed last that has not succeeded since. */
	private final Map<K, Long> failedAt;

	private long since;

	/**
	 * Creates the rule, with nothing failing.
	 * @param memory time after which a kind is forgotten that is not asked for any more
	 */
	FailingKinds(Class<K> kinds, LongSupplier ticks, Duration memory) {
		this.failedAt = new EnumMap<>(kinds);
		this.ticks = ticks;
		this.memory = memory.toNanos();
	}

	void failed(K kind) {
		long now = this.ticks.getAsLong();
		if (this.failedAt.isEmpty()) {
			this.since = now;
		}
		this.failedAt.put(kind, now);
	}

	void succeeded(K kind) {
		long now = this.ticks.getAsLong();
		this.failedAt.remove(kind);
		this.failedAt.values().removeIf((failedAt) -> now - failedAt >= this.memory);
	}

	void forget() {
		this.failedAt.clear();
	}

	/** Whether there is an outage. */
	boolean isAny() {
		return !this.failedAt.isEmpty();
	}

	/** How long the outage has lasted, zero if there is none. */
	Duration duration() {
		return isAny() ? Duration.ofNanos(this.ticks.getAsLong() - this.since) : Duration.ZERO;
	}

}
