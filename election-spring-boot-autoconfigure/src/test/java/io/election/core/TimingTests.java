package io.election.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.election.core.Samples.SECOND;
import static io.election.core.Samples.TIMING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link Timing}.
 */
class TimingTests {

	@ParameterizedTest
	@CsvSource({ "PT15S, PT10S, PT2S", "PT1S, PT0.9S, PT0.1S", "PT1H, PT59M, PT1M", "PT3S, PT2S, PT0.4S",
			"PT2.201S, PT1.201S, PT1S" })
	void acceptsWhatHolds(Duration lease, Duration deadline, Duration retry) {
		assertThatNoException().isThrownBy(() -> new Timing(lease, deadline, retry));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			PT0.999S   | PT0.5S | PT0.1S | election.lease-duration is 999ms but must be between 1s and 1h
			PT1H0.001S | PT10S  | PT2S   | election.lease-duration is 3600001ms but must be between 1s and 1h
			PT15S      | PT10S  | PT0.099S | election.retry-period is 99ms but must be at least 100ms
			PT15S      | PT15S  | PT2S   | election.renew-deadline is 15s but must be shorter than \
			election.lease-duration (15s)
			PT15S      | PT2.4S | PT2S   | election.renew-deadline is 2400ms but must be longer than 1.2 times \
			election.retry-period (2s)
			PT15S      | PT14S  | PT2S   | election.lease-duration is 15s but must be at least election.renew-deadline \
			plus election.retry-period (14s + 2s)
			PT15S      | PT10S  | P200000D | election.renew-deadline is 10s but must be longer than 1.2 times \
			election.retry-period (17280000000s)
			""")
	void refusesWhatDoesNotHoldAndNamesThePropertyTheValueAndWhatIsAllowed(Duration lease, Duration deadline,
			Duration retry, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> new Timing(lease, deadline, retry)).withMessage(message);
	}

	@ParameterizedTest
	@CsvSource({ ",,, PT15S, PT10S, PT2S", "PT1S,,, PT1S, PT0.666S, PT0.133S", "PT10S,,, PT10S, PT6.666S, PT1.333S",
			"PT30S,,, PT30S, PT20S, PT4S", "PT1H,,, PT1H, PT40M, PT8M",
			// The renew deadline only: the lease stays, unless the deadline does not fit
			// in
			",PT12S,, PT15S, PT12S, PT2S", ",PT14S,, PT15S, PT14S, PT1S", ",PT1S,, PT15S, PT1S, PT0.5S",
			",PT20S,, PT30S, PT20S, PT4S", ",PT59M,, PT1H, PT59M, PT1M",
			// The retry period only
			",,PT1S, PT15S, PT10S, PT1S", ",,PT6S, PT15S, PT9S, PT6S", ",,PT10S, PT75S, PT50S, PT10S",
			// Two of them
			"PT15S,,PT6S, PT15S, PT9S, PT6S", "PT3S,PT2.5S,, PT3S, PT2.5S, PT0.4S", ",PT20S,PT1S, PT30S, PT20S, PT1S",
			",PT10S,PT8S, PT1M, PT10S, PT8S", "PT9S,PT5S,PT1S, PT9S, PT5S, PT1S" })
	void derivesWhatIsNotSet(Duration lease, Duration deadline, Duration retry, Duration derivedLease,
			Duration derivedDeadline, Duration derivedRetry) {
		assertThat(Timing.derive(lease, deadline, retry))
			.isEqualTo(new Timing(derivedLease, derivedDeadline, derivedRetry));
	}

	@Test
	void derivesNumbersWhereverThereAreAnyThatFit() {
		for (Duration one : durations(1.003)) {
			assertDerived(fits(one, null, null), one, null, null);
			assertDerived(fits(null, one, null), null, one, null);
			assertDerived(fits(null, null, one), null, null, one);
		}
		for (Duration one : durations(1.06)) {
			for (Duration other : durations(1.07)) {
				assertDerived(fits(one, other, null), one, other, null);
				assertDerived(fits(one, null, other), one, null, other);
				assertDerived(fits(null, one, other), null, one, other);
			}
		}
	}

	/** Whether numbers that fit together exist, by the rules that relate them. */
	private static boolean fits(@Nullable Duration lease, @Nullable Duration deadline, @Nullable Duration retry) {
		double longestLease = (lease != null) ? lease.toMillis() : 3_600_000;
		double shortestRetry = (retry != null) ? retry.toMillis() : 100;
		double shortestDeadline = (deadline != null) ? deadline.toMillis() : Math.nextUp(1.2 * shortestRetry);
		return longestLease >= 1000 && longestLease <= 3_600_000 && shortestRetry >= 100
				&& shortestDeadline > 1.2 * shortestRetry && shortestDeadline + shortestRetry <= longestLease;
	}

	private static void assertDerived(boolean fits, @Nullable Duration lease, @Nullable Duration deadline,
			@Nullable Duration retry) {
		Timing timing = null;
		try {
			timing = Timing.derive(lease, deadline, retry);
		}
		catch (IllegalArgumentException ex) {
			// None fit
		}
		assertThat(timing != null).as("lease %s, deadline %s, retry %s", lease, deadline, retry).isEqualTo(fits);
	}

	/**
	 * From 50 ms to 2 h, each longer than the one before by the factor, and the bounds.
	 */
	private static List<Duration> durations(double factor) {
		return Stream.concat(
				DoubleStream.iterate(50, (millis) -> millis < 7_200_000, (millis) -> millis * factor)
					.mapToObj((millis) -> Duration.ofMillis((long) millis)),
				LongStream.of(99, 100, 120, 121, 999, 1000, 14_900, 14_901, 3_599_900, 3_599_901, 3_600_000, 3_600_001)
					.mapToObj(Duration::ofMillis))
			.toList();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", textBlock = """
			PT0.5S | -      | -      | election.lease-duration is 500ms but must be between 1s and 1h
			P300000000000D | - | -   | election.lease-duration is 25920000000000000s but must be between 1s and 1h
			-      | PT0.1S | -      | election.renew-deadline is 100ms but must be longer than 1.2 times \
			election.retry-period (100ms)
			-      | PT2H   | -      | election.renew-deadline is 7200s but must be shorter than \
			election.lease-duration (3600s)
			-      | P100000000000000D | - | election.renew-deadline is 8640000000000000000s but must be shorter than \
			election.lease-duration (3600s)
			-      | -      | PT0.09S | election.retry-period is 90ms but must be at least 100ms
			PT6S   | PT5.95S | -     | election.lease-duration is 6s but must be at least election.renew-deadline plus \
			election.retry-period (5950ms + 100ms)
			""")
	void refusesWhatNothingFits(@Nullable Duration lease, @Nullable Duration deadline, @Nullable Duration retry,
			String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> Timing.derive(lease, deadline, retry))
			.withMessage(message);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", textBlock = """
			-      | election.lease-duration=15s, election.renew-deadline=10s and election.retry-period=2s
			PT5S   | election.lease-duration=5s, election.renew-deadline=3333ms and election.retry-period=666ms
			PT0.1S | election.lease-duration=1s, election.renew-deadline=666ms and election.retry-period=133ms
			""")
	void givesAnExampleForALease(@Nullable Duration lease, String example) {
		assertThat(Timing.example(lease)).isEqualTo(example);
	}

	@Test
	void deadlineAndLeaseCountFromTheRequest() {
		assertThat(TIMING.deadline(3 * SECOND)).isEqualTo(13 * SECOND);
		assertThat(TIMING.leaseEnd(13 * SECOND)).isEqualTo(18 * SECOND);
	}

	@Test
	void renewalsOfAllElectionsFallOnOneGrid() {
		assertThat(TIMING.renewAt(0)).isEqualTo(2 * SECOND);
		assertThat(TIMING.renewAt(SECOND)).isEqualTo(2 * SECOND);
		assertThat(TIMING.renewAt(2 * SECOND)).isEqualTo(4 * SECOND);
		assertThat(TIMING.renewAt(-SECOND)).isZero();
	}

	@Test
	void firstFailureIsRepeatedAtOnce() {
		assertThat(TIMING.retryAt(5 * SECOND, 1, 42)).isEqualTo(5 * SECOND);
	}

	@Test
	void furtherFailuresWaitForARetryPeriodAndUpToAFifth() {
		for (long now = 0; now < 1000; now++) {
			assertThat(TIMING.retryAt(now, 2, 42) - now).isBetween(2 * SECOND, 2 * SECOND * 6 / 5);
			assertThat(TIMING.retryRefusedAt(now, 42) - now).isBetween(SECOND / 5, SECOND / 5 * 6 / 5);
		}
	}

	@Test
	void candidatesDoNotMarchInStep() {
		assertThat(TIMING.retryAt(0, 2, "me#1".hashCode())).isNotEqualTo(TIMING.retryAt(0, 2, "you#1".hashCode()));
		assertThat(TIMING.retryAt(1, 2, 42) - 1).isNotEqualTo(TIMING.retryAt(0, 2, 42));
	}

	@Test
	void recordsThatNobodyHoldsAreLookedAtEveryRetryPeriod() {
		assertThat(TIMING.lookAt(SECOND, Samples.vacant(1, 1))).isEqualTo(2 * SECOND);
		assertThat(TIMING.lookAt(SECOND, Samples.vanished(1))).isEqualTo(2 * SECOND);
	}

	@ParameterizedTest
	@CsvSource({ "PT15S, PT10S, PT2S", "PT15S, PT11S, PT1.6S", "PT15S, PT14.9S, PT0.04S", "PT15S, PT20S, PT0.04S",
			"PT15S, PT-1S, PT2S", "PT20M, P365D, PT0.04S", "PT1M, PT106751991167300H, PT0.04S" })
	void heldRecordsAreLookedAtOftenEnoughToBackDate(Duration lease, Duration deadline, Duration period) {
		LeaseRecord record = record(lease, deadline, Duration.ZERO);
		assertThat(TIMING.lookAt(0, record)).isEqualTo(period.toNanos());
	}

	@Test
	void changedRecordCountsFromItsAge() {
		LeaseRecord.Held held = record(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(1));
		assertThat(TIMING.observedAt(held, 5 * SECOND, 9 * SECOND)).isEqualTo(8 * SECOND);
	}

	@Test
	void changedRecordNeverCountsFromBeforeThePreviousLook() {
		LeaseRecord.Held held = record(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(1));
		assertThat(TIMING.observedAt(held, 8_500_000_000L, 9 * SECOND)).isEqualTo(8_500_000_000L);
	}

	@ParameterizedTest
	@CsvSource({ "PT1H, PT2.5S", "PT-1H, PT0S", "P365000000D, PT2.5S", "P-365000000D, PT0S" })
	void clockOfTheServerIsBelievedWithinHalfTheMarginOnly(Duration age, Duration backDated) {
		LeaseRecord.Held held = record(Duration.ofSeconds(15), Duration.ofSeconds(10), age);
		assertThat(TIMING.observedAt(held, 0, 9 * SECOND)).isEqualTo(9 * SECOND - backDated.toNanos());
	}

	@ParameterizedTest
	@CsvSource({ "PT30S, PT30S", "PT0.1S, PT1S", "PT-5S, PT1S", "PT1S, PT1S", "PT1H, PT1H", "P9D, PT1H" })
	void leaseOfARecordIsTakenWithinWhatIsAllowed(Duration recorded, Duration taken) {
		assertThat(Timing.leaseOf(record(recorded, Duration.ofSeconds(10), Duration.ZERO))).isEqualTo(taken);
	}

	private static LeaseRecord.Held record(Duration lease, Duration deadline, Duration age) {
		return new LeaseRecord.Held(Samples.lease("other#1", 1, 1), "other", Map.of(), 0, lease, deadline, age);
	}

}
