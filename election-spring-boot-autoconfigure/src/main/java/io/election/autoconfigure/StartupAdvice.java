package io.election.autoconfigure;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * Logs once, while the application starts, what works but is hardly meant.
 */
class StartupAdvice implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(StartupAdvice.class);

	private final ElectionProperties properties;

	private final AbstractApplicationContext context;

	StartupAdvice(ElectionProperties properties, AbstractApplicationContext context) {
		this.properties = properties;
		this.context = context;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (!this.properties.enabled()) {
			return;
		}
		// Listeners are known: Spring's processor of @EventListener comes first of all
		// beans
		new AmbiguousElections(this.context, NamedElections.of(this.context.getEnvironment())).find()
			.forEach(logger::warn);
	}

}
