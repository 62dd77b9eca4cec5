package io.election.autoconfigure;

import io.election.actuate.ActionDescriptor;
import io.election.actuate.ElectionDescriptor;
import io.election.actuate.LeadershipEndpoint.LeadershipDescriptor;
import io.election.store.jdbc.MariaDbSockets;
import io.election.store.jdbc.PostgresSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.context.event.ApplicationListenerMethodAdapter;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ElectionRuntimeHints}.
 */
class ElectionRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@Test
	void hintsAreFound() {
		assertThat(SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
			.load(RuntimeHintsRegistrar.class)).hasAtLeastOneElementOfType(ElectionRuntimeHints.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "schema-postgresql.sql", "schema-mysql.sql" })
	void tablesCanBeCreated(String file) {
		String resource = "io/election/store/jdbc/" + file;
		assertThat(new ClassPathResource(resource).exists()).isTrue();
		register(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.resource().forResource(resource)).accepts(this.hints);
	}

	@ParameterizedTest
	@ValueSource(classes = { LeadershipDescriptor.class, ElectionDescriptor.class, ActionDescriptor.class })
	void answersOfTheEndpointCanBeWritten(Class<?> answer) {
		register(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(answer)
			.withMemberCategory(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS)).accepts(this.hints);
	}

	@ParameterizedTest
	@ValueSource(classes = { PostgresSocketFactory.class, MariaDbSockets.class })
	void driversCanMakeSockets(Class<?> sockets) {
		register(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(sockets)
			.withMemberCategory(MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS)).accepts(this.hints);
	}

	@Test
	void methodsOfListenersCanBeAskedFor() throws NoSuchMethodException {
		register(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(ApplicationListenerMethodAdapter.class.getDeclaredMethod("getTargetMethod")))
			.accepts(this.hints);
	}

	@Test
	void withoutActuatorThereAreNoAnswersToWrite() {
		register(new FilteredClassLoader(OperationResponseBody.class));
		assertThat(RuntimeHintsPredicates.reflection().onType(ActionDescriptor.class)).rejects(this.hints);
	}

	private void register(ClassLoader classLoader) {
		new ElectionRuntimeHints().registerHints(this.hints, classLoader);
	}

}
