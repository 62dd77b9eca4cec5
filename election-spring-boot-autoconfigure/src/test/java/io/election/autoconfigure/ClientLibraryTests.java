package io.election.autoconfigure;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link ClientLibrary}.
 */
class ClientLibraryTests {

	@Test
	void aVersionThatLacksSomethingIsExplained() {
		ElectionConfigurationException failure = catchThrowableOfType(ElectionConfigurationException.class,
				() -> new ClientLibrary("io.nats:jnats", "2.25.2").link(() -> {
					throw new NoSuchFieldError("HappyEyeballs");
				}));
		assertThat(failure.analysis().getDescription()).isEqualTo(
				"The version of io.nats:jnats on the class path, or of a library that it uses, cannot be used: java.lang.NoSuchFieldError: HappyEyeballs.");
		assertThat(failure.analysis().getAction()).isEqualTo("Use io.nats:jnats 2.25.2 or newer.");
	}

}
