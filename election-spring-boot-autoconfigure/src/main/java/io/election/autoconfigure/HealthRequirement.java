package io.election.autoconfigure;

import java.time.Duration;
import java.util.function.Supplier;

import io.election.autoconfigure.ElectionProperties.Require;
import io.election.runtime.DefaultLeaderElections;
import io.election.runtime.ElectionTime;
import io.election.runtime.PeriodicTask;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;

/**
 * Lets an application lead only while it is healthy. One that recovers has to stay
 * healthy for a lease duration before it competes, and one whose health cannot be told
 * for as long counts as ill.
 */
final class HealthRequirement implements SmartLifecycle, DisposableBean {

	private static final Log logger = LogFactory.getLog(HealthRequirement.class);

	private final DefaultLeaderElections elections;

	private final Duration leaseDuration;

	private final Duration retryPeriod;

	private final @Nullable Supplier<@Nullable String> illness;

	/** What was logged last: an illness, or nothing. */
	private String last = "";

	private volatile boolean wasHealthy;

	private @Nullable PeriodicTask task;

	/**
	 * Creates a requirement.
	 * @param illness gives what is wrong with the application, {@code null} if nothing
	 * is; may block. {@code null} if health does not count
	 */
	HealthRequirement(ElectionProperties properties, DefaultLeaderElections elections,
			@Nullable Supplier<@Nullable String> illness) {
		this.elections = elections;
		this.leaseDuration = properties.timing().leaseDuration();
		this.retryPeriod = properties.timing().retryPeriod();
		this.illness = illness;
	}

	/**
	 * Whether health counts. It does not in a time that a test makes pass: checks take
	 * real time.
	 */
	static boolean isMadeBy(ElectionProperties properties, ObjectProvider<ElectionTime> time) {
		return properties.enabled() && properties.require() == Require.HEALTH && time.getIfAvailable() == null;
	}

	private void check(Supplier<@Nullable String> illness) {
		String present;
		try {
			present = illness.get();
		}
		catch (Throwable ex) { // errors as well: of a class that is missing, say
			logger.debug("The health could not be told", ex);
			present = "it could not be told, by " + ex.getClass().getName();
		}
		if (present != null) {
			this.elections.unfit();
		}
		else {
			this.elections.fit(this.wasHealthy ? this.leaseDuration : Duration.ZERO, this.leaseDuration);
			this.wasHealthy = true;
		}
		log((present != null) ? present : "");
	}

	private void log(String present) {
		if (!present.equals(this.last)) {
			logger.info(present.isEmpty() ? "Healthy enough to lead" : "Not healthy enough to lead: " + present);
			this.last = present;
		}
	}

	@Override
	public synchronized void start() {
		Supplier<@Nullable String> asked = this.illness;
		if (asked != null && this.task == null) {
			this.wasHealthy = false;
			this.task = PeriodicTask.start("election-health", this.retryPeriod, () -> check(asked));
		}
	}

	@Override
	public synchronized void stop() {
		if (this.task != null) {
			this.task.close();
			this.task = null;
		}
	}

	/** Not every context whose start fails stops what was started. */
	@Override
	public void destroy() {
		stop();
	}

	@Override
	public synchronized boolean isRunning() {
		return this.task != null;
	}

}
