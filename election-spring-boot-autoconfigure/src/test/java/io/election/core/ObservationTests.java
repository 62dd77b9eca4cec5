package io.election.core;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static io.election.core.Samples.ABSENT;
import static io.election.core.Samples.ME;
import static io.election.core.Samples.OTHERS;
import static io.election.core.Samples.SECOND;
import static io.election.core.Samples.TIMING;
import static io.election.core.Samples.held;
import static io.election.core.Samples.incumbent;
import static io.election.core.Samples.mine;
import static io.election.core.Samples.saw;
import static io.election.core.Samples.vacant;
import static io.election.core.Samples.vanished;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Observation}.
 */
class ObservationTests {

	private static final Duration LEASE = Duration.ofSeconds(15);

	@Test
	void nothingIsClaimableBeforeTheFirstLook() {
		Observation none = Observation.none(3, 0);
		assertThat(none.claimableAt(ME)).isEqualTo(Timing.NEVER);
		assertThat(none.leaseEnd()).isEqualTo(Timing.NEVER);
		assertThat(none.highestTerm()).isEqualTo(3);
		assertThat(none.leaderBeside(ME)).isNull();
		assertThat(none.heldBy(ME)).isNull();
		assertThat(none.lookAt(TIMING, 5)).isEqualTo(5);
	}

	@Test
	void firstRecordCountsFromTheAnswerWhateverItsAge() {
		Observation seen = saw(held("other#1", 4, 7, Duration.ofSeconds(14)));
		assertThat(seen.observedAt()).isEqualTo(2 * SECOND);
		assertThat(seen.lookedAt()).isEqualTo(SECOND);
		assertThat(seen.claimableAt(ME)).isEqualTo(17 * SECOND);
		assertThat(seen.highestTerm()).isEqualTo(4);
	}

	@Test
	void sameWriteKeepsCountingFromWhenItWasFirstSeen() {
		Observation seen = saw(OTHERS).seen(TIMING, held("other#1", 4, 7, Duration.ofSeconds(3)), 5 * SECOND,
				6 * SECOND);
		assertThat(seen.observedAt()).isEqualTo(2 * SECOND);
		assertThat(seen.lookedAt()).isEqualTo(5 * SECOND);
	}

	@Test
	void sameWriteStaysExpired() {
		Observation expired = saw(OTHERS).at(17 * SECOND);
		assertThat(expired.expired()).isTrue();
		assertThat(expired.seen(TIMING, OTHERS, 18 * SECOND, 19 * SECOND).expired()).isTrue();
		assertThat(expired.at(20 * SECOND)).isSameAs(expired);
	}

	@Test
	void newWriteIsBackDatedByItsAge() {
		Observation seen = saw(OTHERS).seen(TIMING, held("other#1", 4, 8, Duration.ofSeconds(1)), 5 * SECOND,
				6 * SECOND);
		assertThat(seen.observedAt()).isEqualTo(5 * SECOND);
		assertThat(seen.leaseEnd()).isEqualTo(20 * SECOND);
	}

	@Test
	void newWriteIsNotBackDatedToBeforeThePreviousLook() {
		Observation seen = saw(OTHERS).seen(TIMING, held("other#1", 4, 8, Duration.ofSeconds(2)), 2 * SECOND,
				2_100_000_000L);
		assertThat(seen.observedAt()).isEqualTo(SECOND);
	}

	@Test
	void newWriteEndsExpiry() {
		Observation seen = saw(OTHERS).at(17 * SECOND).seen(TIMING, held("other#1", 4, 8), 18 * SECOND, 19 * SECOND);
		assertThat(seen.expired()).isFalse();
	}

	@Test
	void deletedRecordThatWasMadeAnewDoesNotLookUnchanged() {
		Observation seen = saw(held("other#1", 4, 1)).seen(TIMING, held("other#1", 5, 1), 5 * SECOND, 6 * SECOND);
		assertThat(seen.observedAt()).isEqualTo(6 * SECOND);
		assertThat(seen.highestTerm()).isEqualTo(5);
	}

	@Test
	void answerToALookThatWasOvertakenChangesNothing() {
		Observation seen = saw(OTHERS);
		assertThat(seen.seen(TIMING, vacant(4, 8), SECOND - 1, 9 * SECOND)).isSameAs(seen);
		assertThat(seen.seen(TIMING, vacant(4, 8), SECOND, 9 * SECOND)).isNotSameAs(seen);
	}

	@Test
	void lookFromBeforeTheRecordIsKnownToHaveChangedChangesNothing() {
		Observation none = Observation.none(4, 3 * SECOND);
		assertThat(none.seen(TIMING, OTHERS, 3 * SECOND - 1, 4 * SECOND)).isSameAs(none);
		assertThat(none.seen(TIMING, OTHERS, 3 * SECOND, 4 * SECOND).record()).isEqualTo(OTHERS);
	}

	@Test
	void highestTermDoesNotFall() {
		Observation seen = saw(OTHERS).seen(TIMING, held("other#1", 2, 8), 5 * SECOND, 6 * SECOND);
		assertThat(seen.highestTerm()).isEqualTo(4);
	}

	@Test
	void vacantAndAbsentRecordsAreClaimableAtOnce() {
		assertThat(saw(vacant(4, 8)).claimableAt(ME)).isEqualTo(2 * SECOND);
		assertThat(saw(ABSENT).claimableAt(ME)).isEqualTo(2 * SECOND);
	}

	@Test
	void ownRecordIsClaimableAtOnce() {
		Observation own = saw(held("me#1", 4, 7));
		assertThat(own.claimableAt(ME)).isEqualTo(2 * SECOND);
		assertThat(own.heldBy(ME)).isEqualTo(mine(4, 7));
		assertThat(own.leaderBeside(ME)).isNull();
	}

	@Test
	void recordOfAnotherUnderTheSameLabelIsNotOwn() {
		LeaseRecord.Held former = held("me#0", 4, 7);
		assertThat(saw(former).heldBy(ME)).isNull();
		assertThat(saw(former).claimableAt(ME)).isEqualTo(17 * SECOND);
		assertThat(saw(former).leaderBeside(ME)).isEqualTo(incumbent(former));
	}

	@Test
	void holderLeadsUntilItsLeaseHasRunOut() {
		assertThat(saw(OTHERS).leaderBeside(ME)).isEqualTo(incumbent(OTHERS));
		assertThat(saw(OTHERS).at(17 * SECOND - 1).leaderBeside(ME)).isEqualTo(incumbent(OTHERS));
		assertThat(saw(OTHERS).at(17 * SECOND).leaderBeside(ME)).isNull();
		assertThat(saw(vacant(4, 8)).leaderBeside(ME)).isNull();
	}

	@Test
	void vanishedRecordThatWasNeverSeenCountsAsHeldForTheLeaseOfTheFence() {
		assertThat(saw(new LeaseRecord.Vanished(4, Duration.ofSeconds(40))).lease()).isEqualTo(Duration.ofSeconds(40));
		assertThat(saw(new LeaseRecord.Vanished(4, Duration.ofDays(40))).lease()).isEqualTo(Duration.ofHours(1));
		assertThat(saw(new LeaseRecord.Vanished(4, Duration.ofSeconds(40))).highestTerm()).isEqualTo(4);
	}

	@Test
	void vanishedRecordWithoutALeaseCountsAsHeldForOnesOwn() {
		assertThat(saw(new LeaseRecord.Vanished(4, Duration.ZERO)).lease()).isEqualTo(LEASE);
	}

	@Test
	void vanishedRecordCountsAsHeldForTheLongestLeaseItMayHaveHad() {
		LeaseRecord.Held longer = new LeaseRecord.Held(OTHERS.lease(), "other", Map.of(), 0, Duration.ofSeconds(50),
				Duration.ofSeconds(10), Duration.ZERO);
		assertThat(then(saw(longer), vanished(4)).lease()).isEqualTo(Duration.ofSeconds(50));
		assertThat(then(saw(OTHERS), new LeaseRecord.Vanished(4, Duration.ofSeconds(40))).lease())
			.isEqualTo(Duration.ofSeconds(40));
		assertThat(then(saw(vacant(4, 8)), new LeaseRecord.Vanished(4, Duration.ZERO)).lease()).isEqualTo(LEASE);
	}

	@Test
	void vanishedRecordCountsFromTheAnswer() {
		assertThat(then(saw(OTHERS), vanished(4)).claimableAt(ME)).isEqualTo(6 * SECOND + LEASE.toNanos());
	}

	@Test
	void recordThatWasDeletedWithItsFenceCountsAsHeldToo() {
		assertThat(then(saw(OTHERS), ABSENT).lease()).isEqualTo(LEASE);
		assertThat(then(saw(vacant(4, 8)), ABSENT).lease()).isEqualTo(LEASE);
	}

	@Test
	void ownWriteCountsFromItsRequest() {
		Observation own = saw(OTHERS).own(ME, TIMING, mine(5, 8), 7 * SECOND);
		assertThat(own.observedAt()).isEqualTo(7 * SECOND);
		assertThat(own.lookedAt()).isEqualTo(7 * SECOND);
		assertThat(own.lease()).isEqualTo(LEASE);
		assertThat(own.highestTerm()).isEqualTo(5);
		assertThat(own.expired()).isFalse();
		assertThat(own.record()).isEqualTo(new LeaseRecord.Held(mine(5, 8), "me", Map.of("zone", "a"), 0, LEASE,
				Duration.ofSeconds(10), Duration.ZERO));
		assertThat(saw(OTHERS).own(ME, TIMING, mine(3, 8), 7 * SECOND).highestTerm()).isEqualTo(4);
	}

	@Test
	void nextLookIsDueOnTheGridOfTheRecord() {
		assertThat(saw(OTHERS).lookAt(TIMING, 5 * SECOND)).isEqualTo(6 * SECOND);
	}

	private static Observation then(Observation before, LeaseRecord record) {
		return before.seen(TIMING, record, 5 * SECOND, 6 * SECOND);
	}

}
