package io.election.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

import io.election.runtime.ElectionTime;

/**
 * Time that passes when a test says so. Begins with the present. No {@link Clock} itself,
 * which an application that has one would find.
 */
final class TestTime {

	private final AtomicLong nanos = new AtomicLong(Duration.ofHours(1).toNanos());

	private final Instant origin = Instant.now().minusNanos(this.nanos.get());

	void advance(Duration duration) {
		this.nanos.addAndGet(duration.toNanos());
	}

	Instant now() {
		return this.origin.plusNanos(this.nanos.get());
	}

	ElectionTime forElections() {
		return new ElectionTime(this.nanos::get, new WallClock());
	}

	/** For instants that people see. */
	private final class WallClock extends Clock {

		@Override
		public Instant instant() {
			return now();
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return Clock.fixed(now(), zone);
		}

	}

}
