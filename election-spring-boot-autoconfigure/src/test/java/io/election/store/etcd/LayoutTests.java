package io.election.store.etcd;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.etcd.jetcd.ByteSequence;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Layout}.
 */
class LayoutTests {

	private final Layout layout = new Layout("election/");

	@Test
	void contendersHaveTheKeysOfTheRecipeOfEtcd() {
		assertThat(text(this.layout.contender("billing", "694d81"))).isEqualTo("election/billing/694d81");
		assertThat(text(this.layout.contenders("billing"))).isEqualTo("election/billing/");
	}

	@ParameterizedTest
	@ValueSource(strings = { "billing", "a/b", "/", "%", "%2F", "%25", "100%25 a/b%", "%details", "..", "ß 😀 \"'*" })
	void namesAreReadBackFromKeys(String election) {
		assertThat(this.layout.election(this.layout.contender(election, "694d81"))).isEqualTo(election);
		assertThat(Layout.last(this.layout.contender(election, "694d81"))).isEqualTo("694d81");
	}

	@Test
	void noKeyOfAnElectionIsOneOfAnother() {
		List<String> elections = List.of("a", "a/b", "a%2Fb", "a/", "%details", "%details/a", "%candidates", "b");
		for (String election : elections) {
			for (String other : elections) {
				ByteSequence key = this.layout.contender(other, "694d81");
				assertThat(key.startsWith(this.layout.contenders(election))).isEqualTo(election.equals(other));
				assertThat(key.startsWith(this.layout.details(election))).isFalse();
				assertThat(key.startsWith(this.layout.candidates(election))).isFalse();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "election/billing/", "election/billing/config", "election/billing/694D81",
			"election/billing/694d81/x", "election/a/b/694d81", "election/50%/694d81", "election/694d81",
			"other/billing/694d81", "election/%details/billing/694d81", "election/%candidates/billing/694d81",
			"election//694d81", "election/billing/0123456789abcdef0" })
	void otherKeysAreNoContenders(String key) {
		assertThat(this.layout.election(ByteSequence.from(key, StandardCharsets.UTF_8))).isNull();
	}

	private static String text(ByteSequence key) {
		return key.toString(StandardCharsets.UTF_8);
	}

}
