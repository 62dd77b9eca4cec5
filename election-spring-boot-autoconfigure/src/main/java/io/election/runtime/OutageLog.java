package io.election.runtime;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;

import io.election.core.Timing;
import io.election.store.UnusableBackendException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * What the log says of outages: one WARN when one begins and one INFO when it is over.
 * Outages that come back within a lease are one. A further reason is a further WARN, but
 * not within a lease. What does not heal by itself is an ERROR, repeated for as long as
 * it lasts.
 */
final class OutageLog {

	static final Duration REPEAT = Duration.ofMinutes(10);

	/** Bounds what an outage logs, however many reasons a backend gives. */
	private static final int MAX_REASONS = 10;

	private static final Log logger = LogFactory.getLog(OutageLog.class);

	private final String backend;

	private final LongSupplier ticks;

	private final Duration lease;

	/** What was logged of the outage that goes on, numbers aside. */
	private final Set<String> reasons = new HashSet<>();

	private long beganAt;

	private long loggedAt;

	/** When a request first succeeded after the last failure. */
	private long healedAt = Timing.NEVER;

	OutageLog(String backend, LongSupplier ticks, Duration lease) {
		this.backend = backend;
		this.ticks = ticks;
		this.lease = lease;
	}

	/** A request failed. */
	void failed(Throwable failure, String message) {
		long now = this.ticks.getAsLong();
		boolean first = this.reasons.isEmpty();
		this.beganAt = first ? now : this.beganAt;
		this.healedAt = Timing.NEVER;
		Duration lasted = Duration.ofNanos(now - this.beganAt);
		Duration silent = Duration.ofNanos(now - this.loggedAt);
		String reason = message.replaceAll("\\d+", "#");
		boolean known = this.reasons.contains(reason) || this.reasons.size() == MAX_REASONS;
		if (failure instanceof UnusableBackendException) {
			if (!known || silent.compareTo(REPEAT) >= 0) {
				logger.error("Backend " + this.backend + " cannot be used" + since(lasted) + ": " + message);
				logged(reason, now);
			}
		}
		else if (first || (!known && silent.compareTo(this.lease) >= 0)) {
			logger.warn("Backend " + this.backend + " fails" + since(lasted) + ": " + message);
			logged(reason, now);
		}
		logger.debug("Backend " + this.backend + " failed", failure);
	}

	private void logged(String reason, long now) {
		if (this.reasons.size() < MAX_REASONS) {
			this.reasons.add(reason);
		}
		this.loggedAt = now;
	}

	/** A request succeeded, and none fails. */
	void succeeded() {
		if (this.reasons.isEmpty()) {
			return;
		}
		long now = this.ticks.getAsLong();
		if (this.healedAt == Timing.NEVER) {
			this.healedAt = now;
		}
		Duration healed = Duration.ofNanos(now - this.healedAt);
		if (healed.compareTo(this.lease) >= 0) {
			logger.info("Backend " + this.backend + " answers again, for " + Timing.show(healed) + " by now, after "
					+ Timing.show(Duration.ofNanos(this.healedAt - this.beganAt)));
			this.reasons.clear();
		}
	}

	private static String since(Duration lasted) {
		return lasted.isZero() ? "" : ", for " + Timing.show(lasted) + " by now";
	}

}
