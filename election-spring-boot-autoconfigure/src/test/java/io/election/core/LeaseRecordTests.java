package io.election.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static io.election.core.Samples.ABSENT;
import static io.election.core.Samples.held;
import static io.election.core.Samples.vacant;
import static io.election.core.Samples.vanished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link LeaseRecord} and {@link Self}.
 */
class LeaseRecordTests {

	@Test
	void onlyTheSameWriteIsTheSame() {
		List<LeaseRecord> different = List.of(ABSENT, vanished(1), vanished(2),
				new LeaseRecord.Vanished(1, Duration.ZERO), vacant(1, 1), vacant(1, 2), vacant(2, 1), held("a#1", 1, 1),
				held("a#1", 1, 2), held("a#1", 2, 1), held("b#1", 1, 1));
		for (LeaseRecord one : different) {
			for (LeaseRecord other : different) {
				assertThat(one.isSameAs(other)).as("%s is the same as %s", one, other).isEqualTo(one == other);
			}
		}
	}

	@Test
	void ageIsNotPartOfAWrite() {
		assertThat(held("a#1", 1, 1).isSameAs(held("a#1", 1, 1, Duration.ofSeconds(9)))).isTrue();
		assertThat(new LeaseRecord.Absent().isSameAs(ABSENT)).isTrue();
		assertThat(vacant(1, 1).isSameAs(vacant(1, 1))).isTrue();
		assertThat(vanished(1).isSameAs(vanished(1))).isTrue();
	}

	@Test
	void termIsTheHighestThatIsTold() {
		assertThat(ABSENT.term()).isZero();
		assertThat(vanished(5).term()).isEqualTo(5);
		assertThat(vacant(6, 1).term()).isEqualTo(6);
		assertThat(held("a#1", 7, 1).term()).isEqualTo(7);
	}

	@Test
	void attributesDoNotChangeAfterwards() {
		Map<String, String> attributes = new HashMap<>(Map.of("zone", "a"));
		Self self = new Self("orders", "a#1", "a", attributes);
		LeaseRecord.Held held = new LeaseRecord.Held(Samples.lease("a#1", 1, 1), "a", attributes, 0, Duration.ZERO,
				Duration.ZERO, Duration.ZERO);
		attributes.put("zone", "b");
		assertThat(self.attributes()).containsExactly(Map.entry("zone", "a"));
		assertThat(held.attributes()).containsExactly(Map.entry("zone", "a"));
	}

	@Test
	void candidateNeedsAnIdentity() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Self("orders", "", "a", Map.of()))
			.withMessage("nonce is empty but must identify the candidate");
	}

	@Test
	void candidatesDifferInTheirPauses() {
		assertThat(new Self("orders", "a#1", "a", Map.of()).seed())
			.isNotEqualTo(new Self("orders", "a#2", "a", Map.of()).seed());
	}

}
