package io.election.autoconfigure;

import io.election.actuate.ActionDescriptor;
import io.election.actuate.ElectionDescriptor;
import io.election.actuate.LeadershipEndpoint.LeadershipDescriptor;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.util.ClassUtils;

/**
 * {@link RuntimeHintsRegistrar} for what is read as a resource or written as JSON.
 */
class ElectionRuntimeHints implements RuntimeHintsRegistrar {

	private static final String ACTUATOR = "org.springframework.boot.actuate.endpoint.OperationResponseBody";

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/election/store/jdbc/schema-*.sql");
		if (ClassUtils.isPresent(ACTUATOR, classLoader)) {
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
					LeadershipDescriptor.class, ElectionDescriptor.class, ActionDescriptor.class);
		}
	}

}
