package io.election.autoconfigure;

import java.util.List;

import io.election.actuate.ActionDescriptor;
import io.election.actuate.ElectionDescriptor;
import io.election.actuate.LeadershipEndpoint.LeadershipDescriptor;
import io.election.store.jdbc.MariaDbSockets;
import io.election.store.jdbc.PostgresSocketFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.event.AbstractApplicationEventMulticaster;
import org.springframework.context.event.ApplicationListenerMethodAdapter;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * {@link RuntimeHintsRegistrar} for what is read as a resource, made by drivers, called
 * by reflection or written as JSON.
 */
class ElectionRuntimeHints implements RuntimeHintsRegistrar {

	private static final String ACTUATOR = "org.springframework.boot.actuate.endpoint.OperationResponseBody";

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/election/store/jdbc/schema-*.sql");
		// Made by drivers, which are told their names
		for (Class<?> sockets : List.of(PostgresSocketFactory.class, MariaDbSockets.class)) {
			hints.reflection().registerType(sockets, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS);
		}
		// Found by reflection in ContextListeners and AmbiguousElections
		hints.reflection()
			.registerType(AbstractApplicationEventMulticaster.class,
					(type) -> type.withMethod("getApplicationListeners",
							TypeReference.listOf(ApplicationEvent.class, ResolvableType.class), ExecutableMode.INVOKE))
			.registerType(ApplicationListenerMethodAdapter.class,
					(type) -> type.withMethod("getTargetMethod", List.of(), ExecutableMode.INVOKE));
		if (ClassUtils.isPresent(ACTUATOR, classLoader)) {
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
					LeadershipDescriptor.class, ElectionDescriptor.class, ActionDescriptor.class);
		}
	}

}
