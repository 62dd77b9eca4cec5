package io.election.test;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

import io.election.runtime.ElectionTime;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TestTime}.
 */
class TestTimeTests {

	@Test
	void timeBeginsWithThePresentAndPassesWhenToldTo() {
		Instant before = Instant.now();
		TestTime time = new TestTime();
		Instant begin = time.now();
		assertThat(begin).isBetween(before, Instant.now());
		ElectionTime elections = time.forElections();
		long ticks = elections.ticks().getAsLong();
		time.advance(Duration.ofMinutes(5));
		assertThat(elections.ticks().getAsLong() - ticks).isEqualTo(Duration.ofMinutes(5).toNanos());
		assertThat(elections.clock().instant()).isEqualTo(begin.plus(Duration.ofMinutes(5)));
		assertThat(elections.clock().withZone(ZoneOffset.UTC).instant()).isEqualTo(begin.plus(Duration.ofMinutes(5)));
	}

}
