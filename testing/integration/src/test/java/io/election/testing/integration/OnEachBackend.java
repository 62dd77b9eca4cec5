package io.election.testing.integration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has a test class run once for each {@link ElectionBackend}, its constructor getting a
 * server that has been started; it is closed afterwards. {@code -Dbackends=etcd} (or
 * several, with commas) leaves the others out.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "on {0}")
@ArgumentsSource(OnEachBackend.Servers.class)
@interface OnEachBackend {

	/** The backends, all of them if empty. */
	ElectionBackend[] value() default {};

	class Servers implements ArgumentsProvider, AnnotationConsumer<OnEachBackend> {

		private List<ElectionBackend> wanted = List.of();

		@Override
		public void accept(OnEachBackend annotation) {
			this.wanted = List.of(annotation.value());
		}

		@Override
		public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters,
				ExtensionContext context) {
			return backends().filter((backend) -> this.wanted.isEmpty() || this.wanted.contains(backend))
				.map((backend) -> {
					ElectionServer server = backend.newServer();
					server.server().start();
					return Arguments.of(server);
				});
		}

		private static Stream<ElectionBackend> backends() {
			String chosen = System.getProperty("backends");
			return (chosen == null) ? Arrays.stream(ElectionBackend.values())
					: Arrays.stream(chosen.toUpperCase(Locale.ROOT).split(",")).map(ElectionBackend::valueOf);
		}

	}

}
