package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

import io.election.runtime.StoreWorker.Kind;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whether the store answers what elections ask. Logs one line when an outage begins and
 * one when it ends. {@link FailingKinds} tells how long an outage lasts.
 */
final class StoreHealth {

	private static final Log logger = LogFactory.getLog(StoreHealth.class);

	private final String backend;

	private final Clock clock;

	private final LongSupplier ticks;

	private final FailingKinds<Kind> failing;

	private volatile @Nullable Outage outage;

	private volatile boolean answering = true;

	private long beganAt;

	/**
	 * Creates the health of a store that was not called yet.
	 * @param quiet time in which everything that fails is tried again, unless it is not
	 * asked for any more
	 */
	StoreHealth(String backend, Clock clock, LongSupplier ticks, Duration quiet) {
		this.backend = backend;
		this.clock = clock;
		this.ticks = ticks;
		this.failing = new FailingKinds<>(Kind.class, ticks, quiet);
	}

	/** The outage that lasts, {@code null} if there is none. */
	@Nullable Outage outage() {
		return this.outage;
	}

	/** Whether the latest call was answered. */
	boolean isAnswering() {
		return this.answering;
	}

	/** Called by the store's thread after every request of an election. */
	void outcome(Kind kind, @Nullable Throwable failure) {
		this.answering = failure == null;
		if (failure != null) {
			failed(kind, failure);
			return;
		}
		this.failing.succeeded(kind);
		if (this.outage != null && !this.failing.isAny()) {
			this.outage = null;
			logger.info("Backend " + this.backend + " answers again, having failed for "
					+ Duration.ofNanos(this.ticks.getAsLong() - this.beganAt).toMillis() + " ms");
		}
	}

	private void failed(Kind kind, Throwable failure) {
		this.failing.failed(kind);
		String message = message(failure);
		Outage before = this.outage;
		if (before == null) {
			this.beganAt = this.ticks.getAsLong();
			this.outage = new Outage(message, this.clock.instant());
			logger.warn("Backend " + this.backend + " does not answer: " + message);
		}
		else {
			this.outage = new Outage(message, before.since());
		}
		logger.debug("Backend " + this.backend + " failed", failure);
	}

	static String message(Throwable failure) {
		String message = failure.getMessage();
		return (message != null) ? message : failure.toString();
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
