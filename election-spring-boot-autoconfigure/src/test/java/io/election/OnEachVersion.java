package io.election;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.Stream;

import io.election.testing.servers.TestedServer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.AnnotationBasedArgumentsProvider;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * Has a test class run once for each version of a server, which its constructor gets.
 * With {@code -Dservers=newest} older ones are left out.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass
@ArgumentsSource(OnEachVersion.Versions.class)
public @interface OnEachVersion {

	/** The enumeration of versions. */
	Class<? extends TestedServer> value();

	class Versions extends AnnotationBasedArgumentsProvider<OnEachVersion> {

		@Override
		protected Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters,
				ExtensionContext context, OnEachVersion annotation) {
			boolean all = !"newest".equals(System.getProperty("servers"));
			return Stream.of(annotation.value().getEnumConstants())
				.filter((version) -> all || version.isNewest())
				.map(Arguments::of);
		}

	}

}
