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
	void whatOthersWroteIsCleaned() {
		assertThat(Attributes.decode("zone=b%0d%0aINFO+forged%1b[31m&%00key=value"))
			.isEqualTo(Map.of("zone", "b  INFO forged [31m", " key", "value"));
		assertThat(Attributes.decode("zone=%zz&nothing")).isEqualTo(Map.of("zone", "%zz"));
	}

	@Test
	void whatOthersWroteIsBounded() {
		String many = IntStream.range(0, 1000).mapToObj((i) -> "k" + i + "=v").collect(Collectors.joining("&"));
		assertThat(Attributes.decode(many)).hasSize(Attributes.MOST);
		assertThat(Attributes
			.decode("k".repeat(65) + "=v&long=" + "v".repeat(257) + "&" + "k".repeat(64) + "=" + "v".repeat(256)))
			.isEqualTo(Map.of("k".repeat(64), "v".repeat(256)));
	}

}
