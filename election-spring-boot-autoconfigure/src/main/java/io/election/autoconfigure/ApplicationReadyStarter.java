package io.election.autoconfigure;

import io.election.runtime.DefaultLeaderElections;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/**
 * Starts elections when the application is ready, if they wait for that.
 */
class ApplicationReadyStarter implements ApplicationListener<ApplicationReadyEvent> {

	private final ElectionProperties properties;

	private final DefaultLeaderElections elections;

	ApplicationReadyStarter(ElectionProperties properties, DefaultLeaderElections elections) {
		this.properties = properties;
		this.elections = elections;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		if (this.properties.start() == ElectionProperties.Start.APPLICATION_READY) {
			this.elections.start();
		}
	}

}
