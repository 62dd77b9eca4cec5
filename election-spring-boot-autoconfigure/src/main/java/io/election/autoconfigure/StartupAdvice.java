package io.election.autoconfigure;

import io.election.store.Backend;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Logs once, while the application starts, what works but is hardly meant.
 */
class StartupAdvice implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(StartupAdvice.class);

	private static final String WEB_SERVER_CONTEXT = "org.springframework.boot.web.server.context.WebServerApplicationContext";

	private final ElectionProperties properties;

	private final Backend backend;

	private final AbstractApplicationContext context;

	StartupAdvice(ElectionProperties properties, Backend backend, AbstractApplicationContext context) {
		this.properties = properties;
		this.backend = backend;
		this.context = context;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (!this.properties.enabled()) {
			return;
		}
		new UnknownProperties(this.context.getEnvironment()).find().forEach(logger::warn);
		adviseOnBackend();
		// Listeners are known: Spring's processor of @EventListener comes first of all
		// beans
		new AmbiguousElections(this.context, NamedElections.of(this.context.getEnvironment())).find()
			.forEach(logger::warn);
	}

	private void adviseOnBackend() {
		String wanted = this.properties.backend();
		if (StringUtils.hasText(wanted) && !BackendChoice.isName(wanted, this.backend)) {
			logger.info(
					"election.backend is '%s', but the application has a bean of type Backend, '%s', which is used in its place."
						.formatted(wanted, this.backend.name()));
		}
		if (this.backend.name().equals(MemoryBackendOption.NAME) && mayHaveReplicas()) {
			logger.warn("election.backend is 'memory', which keeps elections in one JVM: of several replicas of this "
					+ "application, each would lead. It is for development and tests; to have one leader among replicas, "
					+ "set election.backend to another one.");
		}
	}

	private boolean mayHaveReplicas() {
		return CloudPlatform.getActive(this.context.getEnvironment()) != null
				|| (ClassUtils.isPresent(WEB_SERVER_CONTEXT, getClass().getClassLoader())
						&& this.context instanceof WebServerApplicationContext);
	}

}
