package io.election.autoconfigure;

import java.time.Duration;

import io.election.autoconfigure.ElectionProperties.Require;
import io.election.runtime.DefaultLeaderElections;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;

/**
 * Lets an application lead only while it accepts traffic, if that is required. One that
 * becomes ready again has to stay so for a lease duration before it competes: it would
 * cost a term each time it changes its mind. A context is told of its children's
 * readiness as well, which does not count.
 */
class ReadinessRequirement implements ApplicationListener<AvailabilityChangeEvent<ReadinessState>> {

	private final boolean required;

	private final Duration patience;

	private final DefaultLeaderElections elections;

	private final ApplicationContext context;

	private boolean wasReady;

	ReadinessRequirement(ElectionProperties properties, DefaultLeaderElections elections, ApplicationContext context) {
		this.context = context;
		this.required = properties.require() == Require.READINESS;
		this.patience = properties.timing().leaseDuration();
		this.elections = elections;
	}

	@Override
	public synchronized void onApplicationEvent(AvailabilityChangeEvent<ReadinessState> event) {
		if (!this.required || isOfChild(event.getSource())) {
			return;
		}
		if (event.getState() != ReadinessState.ACCEPTING_TRAFFIC) {
			this.elections.unfit();
			return;
		}
		this.elections.fit(this.wasReady ? this.patience : Duration.ZERO);
		this.wasReady = true;
	}

	/** Applications may name any source for events of their own. */
	private boolean isOfChild(Object source) {
		ApplicationContext parent = (source instanceof ApplicationContext context) ? context.getParent() : null;
		while (parent != null && parent != this.context) {
			parent = parent.getParent();
		}
		return parent != null;
	}

}
