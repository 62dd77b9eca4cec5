package io.election.store.nats;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Content}.
 */
class ContentTests {

	private static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	private final Self self = new Self("billing", "nonce", "node", Map.of("zone", "a & b"));

	@Test
	void theTokenIsTheRevisionOfTheFirstWrite() {
		LeaseRecord.Held first = held(Content.first(this.self, TIMING, 1, 1234), 42);
		assertThat(first).isEqualTo(new LeaseRecord.Held(new Lease("billing", "nonce", 42, 42), "node",
				Map.of("zone", "a & b"), 1234, Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ZERO));
		LeaseRecord.Held renewed = held(Content.next(first), 47);
		assertThat(renewed.lease()).isEqualTo(new Lease("billing", "nonce", 42, 47));
		assertThat(renewed).usingRecursiveComparison().ignoringFields("lease").isEqualTo(first);
		assertThat(held(Content.next(renewed), 52).lease()).isEqualTo(new Lease("billing", "nonce", 42, 52));
	}

	@Test
	void theTokenIsHigherThanAnyThatIsKnown() {
		LeaseRecord.Held first = held(Content.first(this.self, TIMING, 100, 0), 42);
		assertThat(first.term()).isEqualTo(100);
		assertThat(held(Content.next(first), 43).term()).isEqualTo(100);
	}

	@Test
	void aVacantRecordKeepsTheTerm() {
		assertThat(read(Content.vacant(42), 50)).isEqualTo(new LeaseRecord.Vacant(new Lease("billing", "", 42, 50)));
	}

	@Test
	void whatIsNoRecordHasVanished() {
		LeaseRecord vanished = new LeaseRecord.Vanished(7, Duration.ZERO);
		assertThat(Content.decode(null).toRecord("billing", 7)).isEqualTo(vanished);
		assertThat(Content.decode("garbage".getBytes(StandardCharsets.UTF_8)).toRecord("billing", 7))
			.isEqualTo(vanished);
	}

	@Test
	void numbersThatAreNoneHideNothing() {
		byte[] text = "nonce=a&term=x&lease=y&since=".getBytes(StandardCharsets.UTF_8);
		assertThat(Content.decode(text).toRecord("billing", 7)).isInstanceOfSatisfying(LeaseRecord.Held.class,
				(held) -> {
					assertThat(held.lease()).isEqualTo(new Lease("billing", "a", 0, 7));
					assertThat(held.leaseDuration()).isZero();
				});
	}

	private static LeaseRecord.Held held(Content content, long revision) {
		return (LeaseRecord.Held) read(content, revision);
	}

	private static LeaseRecord read(Content content, long revision) {
		return Content.decode(content.encode().getBytes(StandardCharsets.UTF_8)).toRecord("billing", revision);
	}

}
