package io.election.store;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ElectionNames}.
 */
class ElectionNamesTests {

	@Test
	void controlCharactersReachNoMessage() {
		assertThatIllegalArgumentException().isThrownBy(() -> ElectionNames.check("a\nFAKE LOG"))
			.withMessageEndingWith("but \"a FAKE LOG\" contains a control character");
	}

}
