package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whether the store answers. Logs one line when an outage begins and one when it ends.
 */
final class StoreHealth {

	private static final Log logger = LogFactory.getLog(StoreHealth.class);

	private final String backend;

	private final Clock clock;

	private volatile @Nullable Outage outage;

	StoreHealth(String backend, Clock clock) {
		this.backend = backend;
		this.clock = clock;
	}

	/** The outage that lasts, {@code null} if the store answered last time. */
	@Nullable Outage outage() {
		return this.outage;
	}

	/** Called by the store's thread after every call. */
	void outcome(@Nullable Throwable failure) {
		Outage before = this.outage;
		if (failure == null) {
			if (before != null) {
				this.outage = null;
				logger.info("Backend " + this.backend + " answers again after "
						+ Duration.between(before.since(), this.clock.instant()).toMillis() + " ms");
			}
			return;
		}
		String message = (failure.getMessage() != null) ? failure.getMessage() : failure.toString();
		this.outage = new Outage(message, (before != null) ? before.since() : this.clock.instant());
		if (before == null) {
			logger.warn("Backend " + this.backend + " does not answer: " + message);
		}
		logger.debug("Backend " + this.backend + " failed", failure);
	}

	/**
	 * A time without an answer.
	 *
	 * @param message what the latest call failed with
	 * @param since when the first call failed
	 */
	record Outage(String message, Instant since) {
	}

}
