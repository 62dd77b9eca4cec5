package io.election.store.etcd;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.etcd.jetcd.ByteSequence;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Details}.
 */
class DetailsTests {

	@Test
	void whatIsWrittenIsRead() {
		Details details = new Details("5a-7", "node 'a' 😀", 1_700_000_000_000L,
				Map.of("zone", "b & ü\n", "nonce", "=", "attribute.x", "", "", "%"));
		assertThat(Details.decode(details.encode())).isEqualTo(details);
	}

	@Test
	void whatOtherHandsWroteIsReadAsFarAsItGoes() {
		assertThat(Details.decode(bytes(""))).isEqualTo(new Details("", "", 0, Map.of()));
		assertThat(Details.decode(bytes("since=yesterday&id=x&attribute.zone=%zz")))
			.isEqualTo(new Details("", "x", 0, Map.of("zone", "%zz")));
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, StandardCharsets.UTF_8);
	}

}
