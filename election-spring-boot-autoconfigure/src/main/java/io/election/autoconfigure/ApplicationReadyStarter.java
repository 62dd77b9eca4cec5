package io.election.autoconfigure;

import io.election.runtime.DefaultLeaderElections;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;

/**
 * Starts elections when the application is ready, if they wait for that. A context is
 * told of its children's events as well, which do not count.
 */
class ApplicationReadyStarter implements ApplicationListener<ApplicationReadyEvent> {

	private final ElectionProperties properties;

	private final DefaultLeaderElections elections;

	private final ApplicationContext context;

	ApplicationReadyStarter(ElectionProperties properties, DefaultLeaderElections elections,
			ApplicationContext context) {
		this.properties = properties;
		this.elections = elections;
		this.context = context;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		if (this.properties.start() == ElectionProperties.Start.APPLICATION_READY
				&& event.getApplicationContext() == this.context) {
			this.elections.start();
		}
	}

}
