package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whether the store answers. Logs one line when an outage begins and one when it ends.
 * <p>
 * Part of the requests may fail for long while others succeed, where a privilege is
 * missing for example. That is one outage: it ends when nothing has failed for a time in
 * which everything is tried again.
 */
final class StoreHealth {

	private static final Log logger = LogFactory.getLog(StoreHealth.class);

	private final String backend;

	private final Clock clock;

	private final LongSupplier ticks;

	private final Duration quiet;

	private volatile @Nullable Outage outage;

	private volatile boolean answering = true;

	private long beganAt;

	private long failedAt;

	/**
	 * Creates the health of a store that was not called yet.
	 * @param quiet for how long nothing fails when an outage is over
	 */
	StoreHealth(String backend, Clock clock, LongSupplier ticks, Duration quiet) {
		this.backend = backend;
		this.clock = clock;
		this.ticks = ticks;
		this.quiet = quiet;
	}

	/** The outage that lasts, {@code null} if there is none. */
	@Nullable Outage outage() {
		return this.outage;
	}

	/** Whether the latest call was answered. */
	boolean isAnswering() {
		return this.answering;
	}

	/** Called by the store's thread after every call. */
	void outcome(@Nullable Throwable failure) {
		this.answering = failure == null;
		if (failure != null) {
			failed(failure);
		}
		else if (this.outage != null && this.ticks.getAsLong() - this.failedAt >= this.quiet.toNanos()) {
			this.outage = null;
			logger.info("Backend " + this.backend + " answers again, having failed for "
					+ Duration.ofNanos(this.failedAt - this.beganAt).toMillis() + " ms");
		}
	}

	private void failed(Throwable failure) {
		this.failedAt = this.ticks.getAsLong();
		String message = (failure.getMessage() != null) ? failure.getMessage() : failure.toString();
		Outage before = this.outage;
		if (before == null) {
			this.beganAt = this.failedAt;
			this.outage = new Outage(message, this.clock.instant());
			logger.warn("Backend " + this.backend + " does not answer: " + message);
		}
		else {
			this.outage = new Outage(message, before.since());
		}
		logger.debug("Backend " + this.backend + " failed", failure);
	}

	/**
	 * A time in which requests fail.
	 *
	 * @param message what the latest one failed with
	 * @param since when the first one failed
	 */
	record Outage(String message, Instant since) {
	}

}
