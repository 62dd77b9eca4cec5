package io.election.store;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Attributes}.
 */
class AttributesTests {

	@Test
	void whatIsWrittenIsRead() {
		Map<String, String> attributes = Map.of("zone", "b&c=d", "ü", "100 %", "empty", "");
		assertThat(Attributes.decode(Attributes.encode(attributes))).isEqualTo(attributes);
		assertThat(Attributes.decode(Attributes.encode(Map.of()))).isEmpty();
	}

	@Test
	void whatOtherHandsWroteIsReadAsFarAsItGoes() {
		assertThat(Attributes.decode("zone=%zz&nothing")).isEqualTo(Map.of("zone", "%zz"));
	}

	@Test
	void controlCharactersAreNotShown() {
		assertThat(Attributes.cleaned(Map.of("zone", "b\r\nINFO forged\u001b[31m", "\u0000key", "ü")))
			.isEqualTo(Map.of("zone", "b  INFO forged [31m", " key", "ü"));
	}

	@Test
	void whatIsShownIsBounded() {
		Map<String, String> many = IntStream.range(0, 1000)
			.boxed()
			.collect(Collectors.toMap((i) -> "k" + i, (i) -> "v"));
		assertThat(Attributes.cleaned(many)).hasSize(Attributes.MOST);
		assertThat(Attributes
			.cleaned(Map.of("k".repeat(65), "v", "long", "v".repeat(257), "k".repeat(64), "v".repeat(256))))
			.isEqualTo(Map.of("k".repeat(64), "v".repeat(256)));
	}

}
