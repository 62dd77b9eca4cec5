package io.election.autoconfigure;

import java.time.Duration;
import java.util.function.Supplier;

import io.election.runtime.DefaultLeaderElections;
import io.election.runtime.PeriodicTask;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * Lets an application lead only while it is healthy. One that recovers has to stay
 * healthy for a lease duration before it competes, and one whose health cannot be told
 * for as long counts as ill.
 */
final class HealthRequirement implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(HealthRequirement.class);

	private final DefaultLeaderElections elections;

	private final Duration leaseDuration;

	private final Duration retryPeriod;

	private final Supplier<@Nullable String> illness;

	private String last = "";

	private boolean wasHealthy;

	private @Nullable PeriodicTask task;

	/**
	 * Creates a requirement.
	 * @param illness what is wrong with the application, {@code null} if nothing is; may
	 * block
	 */
	HealthRequirement(ElectionProperties properties, DefaultLeaderElections elections,
			Supplier<@Nullable String> illness) {
		this.elections = elections;
		this.leaseDuration = properties.leaseDuration();
		this.retryPeriod = properties.retryPeriod();
		this.illness = illness;
	}

	/** Asks for the health, and has elections go by it. */
	void check() {
		String present = examine();
		if (present != null) {
			this.elections.unfit();
		}
		else {
			this.elections.fit(this.wasHealthy ? this.leaseDuration : Duration.ZERO, this.leaseDuration);
			this.wasHealthy = true;
		}
		log((present != null) ? present : "");
	}

	private @Nullable String examine() {
		try {
			return this.illness.get();
		}
		catch (RuntimeException ex) {
			return "it cannot be told: " + ex;
		}
	}

	private void log(String present) {
		if (!present.equals(this.last)) {
			logger.info(present.isEmpty() ? "Healthy enough to lead" : "Not healthy enough to lead: " + present);
			this.last = present;
		}
	}

	@Override
	public synchronized void start() {
		if (this.task == null) {
			this.task = PeriodicTask.start("election-health", this.retryPeriod, this::check);
		}
	}

	@Override
	public synchronized void stop() {
		if (this.task != null) {
			this.task.close();
			this.task = null;
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.task != null;
	}

}
