package io.election.autoconfigure;

import java.time.Duration;

import io.election.autoconfigure.ElectionProperties.Require;
import io.election.runtime.DefaultLeaderElections;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationListener;

/**
 * Lets an application lead only while it accepts traffic, if that is required. One that
 * becomes ready again has to stay so for a lease duration before it competes: it would
 * cost a term each time it changes its mind.
 */
class ReadinessRequirement implements ApplicationListener<AvailabilityChangeEvent<ReadinessState>> {

	private final boolean required;

	private final Duration patience;

	private final DefaultLeaderElections elections;

	private boolean wasReady;

	ReadinessRequirement(ElectionProperties properties, DefaultLeaderElections elections) {
		this.required = properties.require() == Require.READINESS;
		this.patience = properties.timing().leaseDuration();
		this.elections = elections;
	}

	@Override
	public synchronized void onApplicationEvent(AvailabilityChangeEvent<ReadinessState> event) {
		if (!this.required) {
			return;
		}
		if (event.getState() != ReadinessState.ACCEPTING_TRAFFIC) {
			this.elections.unfit();
			return;
		}
		this.elections.fit(this.wasReady ? this.patience : Duration.ZERO);
		this.wasReady = true;
	}

}
