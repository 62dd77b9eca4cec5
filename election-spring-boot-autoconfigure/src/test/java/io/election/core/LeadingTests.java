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
import static io.election.core.Samples.look;
import static io.election.core.Samples.mine;
import static io.election.core.Samples.saw;
import static io.election.core.Samples.seen;
import static io.election.core.Samples.send;
import static io.election.core.Samples.vacant;
import static io.election.core.Samples.vanished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Leading}.
 */
class LeadingTests {

	private static final Answer UNKNOWN = new Answer.Unknown();

	private static final Incumbent MYSELF = new Incumbent("me#1", 5, "me", Map.of("zone", "a"), 0);

	/**
	 * Leads term 5 from a claim that was sent at 3 s, so until 13 s, and renews at 4 s.
	 */
	private static final Leading LEADING = Leading.granted(ME, own(mine(5, 9), 3 * SECOND), mine(5, 9), 3 * SECOND,
			TIMING);

	/** The same with the first renewal under way since 4 s. */
	private static final Leading RENEWING = (Leading) LEADING.tick(TIMING, 4 * SECOND).next();

	@Test
	void leadsUntilItsDeadline() {
		assertThat(LEADING.deadline()).isEqualTo(13 * SECOND);
		assertThat(LEADING.leader()).isEqualTo(MYSELF);
		assertThat(LEADING.goal()).isEqualTo(Goal.COMPETE);
		assertThat(LEADING.highestTerm()).isEqualTo(5);
	}

	@Test
	void renewsWhenItsTimeHasCome() {
		assertThat(LEADING.wakeAt(TIMING)).isEqualTo(4 * SECOND);
		assertThat(LEADING.tick(TIMING, 4 * SECOND - 1)).isEqualTo(Step.stay(LEADING));
		Step step = LEADING.tick(TIMING, 4 * SECOND);
		assertThat(step.effects()).containsExactly(send(renew(4)));
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(8 * SECOND);
		assertThat(step.next().tick(TIMING, 8 * SECOND - 1)).isEqualTo(Step.stay(step.next()));
	}

	@Test
	void renewalThatIsNotAnsweredIsUnknown() {
		Step step = RENEWING.tick(TIMING, 8 * SECOND);
		assertThat(step).isEqualTo(RENEWING.answered(TIMING, 8 * SECOND, renew(4), UNKNOWN));
		assertThat(step.effects()).containsExactly(send(renew(8)));
		Leading late = (Leading) step.next()
			.answered(TIMING, 9 * SECOND, renew(4), new Answer.Held(mine(5, 10)))
			.next();
		assertThat(late.deadline()).as("counts from its own request").isEqualTo(14 * SECOND);
		assertThat(late.askedAt()).as("the one under way").isEqualTo(8 * SECOND);
	}

	@Test
	void deadlineComesBeforeTheTimeForAnAnswer() {
		Standing retried = LEADING.tick(TIMING, 12 * SECOND).next();
		assertThat(retried.wakeAt(TIMING)).isEqualTo(13 * SECOND);
	}

	@Test
	void renewalMovesTheDeadlineFromItsRequest() {
		Step step = RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Held(mine(5, 10)));
		assertThat(step.next()).isEqualTo(
				new Leading(ME, own(mine(5, 10), 4 * SECOND), mine(5, 10), 14 * SECOND, 6 * SECOND, Timing.NEVER, 0));
		assertThat(step.effects()).isEmpty();
	}

	@Test
	void slowRenewalIsFollowedByTheNextAtOnce() {
		Step step = RENEWING.answered(TIMING, 7 * SECOND, renew(4), new Answer.Held(mine(5, 10)));
		assertThat(step.effects()).containsExactly(send(new Request.Renew(7 * SECOND, mine(5, 10))));
	}

	@Test
	void termIsOverAtItsDeadline() {
		Step step = RENEWING.tick(TIMING, 13 * SECOND);
		assertThat(step.next()).isEqualTo(new Yielding(ME, RENEWING.seen(), mine(5, 9), Goal.COMPETE, true,
				Timing.NEVER, Timing.NEVER, 18 * SECOND, Timing.NEVER, 0, false));
		assertThat(step.effects()).containsExactly(new Effect.Revoked(mine(5, 9), Reason.EXPIRED),
				new Effect.LeaderChanged(MYSELF, null));
		assertThat(LEADING.tick(TIMING, 13 * SECOND - 1).next()).isInstanceOf(Leading.class);
	}

	@Test
	void termIsOverAtItsDeadlineWhateverTheInput() {
		long over = 13 * SECOND;
		assertExpired(RENEWING.hint(TIMING, over, null), Goal.COMPETE);
		assertExpired(RENEWING.answered(TIMING, over, renew(4), new Answer.Held(mine(5, 10))), Goal.COMPETE);
		assertExpired(RENEWING.answered(TIMING, over, renew(4), new Answer.Refused(OTHERS)), Goal.COMPETE);
		assertExpired(RENEWING.answered(TIMING, over, look(4), seen(OTHERS)), Goal.COMPETE);
		assertExpired(RENEWING.listenersFinished(TIMING, over, 4), Goal.COMPETE);
		assertExpired(RENEWING.resume(TIMING, over), Goal.COMPETE);
		assertExpired(RENEWING.resign(TIMING, over, Duration.ofSeconds(7)), Goal.aside(Duration.ofSeconds(7)));
		assertExpired(RENEWING.pause(TIMING, over, Reason.PAUSED), Goal.PAUSE);
		assertExpired(RENEWING.stop(TIMING, over, Duration.ofSeconds(1)), Goal.STOP);
	}

	private static void assertExpired(Step step, Goal goal) {
		assertThat(step.effects()).contains(new Effect.Revoked(mine(5, 9), Reason.EXPIRED));
		assertThat(step.next().goal()).isEqualTo(goal);
	}

	@Test
	void unknownRenewalIsRepeatedAtOnceThenEveryRetryPeriod() {
		Step first = RENEWING.answered(TIMING, 5 * SECOND, renew(4), UNKNOWN);
		assertThat(first.effects()).containsExactly(send(renew(5)));
		Step second = first.next().answered(TIMING, 6 * SECOND, renew(5), UNKNOWN);
		assertThat(second.effects()).isEmpty();
		assertThat(second.next().wakeAt(TIMING)).isEqualTo(TIMING.retryAt(6 * SECOND, 2, ME.seed()));
		assertThat(((Leading) second.next()).deadline()).isEqualTo(13 * SECOND);
	}

	@Test
	void renewalAfterAnUnknownOneCountsFromItsOwnRequest() {
		Standing failed = RENEWING.answered(TIMING, 5 * SECOND, renew(4), UNKNOWN).next();
		Step step = failed.answered(TIMING, 6 * SECOND, renew(5), new Answer.Held(mine(5, 10)));
		assertThat(step.next()).isEqualTo(
				new Leading(ME, own(mine(5, 10), 5 * SECOND), mine(5, 10), 15 * SECOND, 6 * SECOND, 6 * SECOND, 0));
	}

	@Test
	void ownWriteThatIsReadBackIsRenewedAtOnceAndLeavesTheDeadline() {
		Standing failed = RENEWING.answered(TIMING, 5 * SECOND, renew(4), UNKNOWN).next();
		Step step = failed.answered(TIMING, 6 * SECOND, renew(5), new Answer.Refused(held("me#1", 5, 10)));
		assertThat(step.next()).isEqualTo(
				new Leading(ME, own(mine(5, 10), 5 * SECOND), mine(5, 10), 13 * SECOND, 6 * SECOND, 6 * SECOND, 2));
		assertThat(step.effects()).containsExactly(send(new Request.Renew(6 * SECOND, mine(5, 10))));
	}

	/** It need not have been written by any of our requests. */
	@Test
	void recordThatSomebodyTouchedLeavesTheDeadline() {
		Step step = RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Refused(held("me#1", 5, 10)));
		assertThat(((Leading) step.next()).deadline()).isEqualTo(13 * SECOND);
		assertThat(step.effects()).containsExactly(send(new Request.Renew(5 * SECOND, mine(5, 10))));
	}

	/**
	 * Touched at 3.1 s, from where others count, by when nothing else was asked; the
	 * renewal of 11 s never arrived. To count from there would be leading until 21 s,
	 * when others have led since 18.1 s.
	 */
	@Test
	void recordThatSomebodyTouchedBeforeARequestThatIsUnsettledLeavesTheDeadlineToo() {
		Standing asked = LEADING.tick(TIMING, 11 * SECOND).next();
		Standing failed = asked.answered(TIMING, 11 * SECOND + 1, renew(11), UNKNOWN).next();
		Step step = failed.answered(TIMING, 12 * SECOND, new Request.Renew(11 * SECOND + 1, mine(5, 9)),
				new Answer.Refused(held("me#1", 5, 10)));
		assertThat(((Leading) step.next()).deadline()).isEqualTo(13 * SECOND);
	}

	@Test
	void recordThatIsTouchedAgainAndAgainIsNotRenewedInAHotLoop() {
		Standing standing = RENEWING;
		Request.Renew renew = renew(4);
		for (int i = 1; i <= 2; i++) {
			Step step = standing.answered(TIMING, 5 * SECOND + i, renew, new Answer.Refused(held("me#1", 5, 9 + i)));
			renew = new Request.Renew(5 * SECOND + i, mine(5, 9 + i));
			assertThat(step.effects()).containsExactly(send(renew));
			standing = step.next();
		}
		Step third = standing.answered(TIMING, 6 * SECOND, renew, new Answer.Refused(held("me#1", 5, 12)));
		assertThat(third.effects()).isEmpty();
		assertThat(third.next().wakeAt(TIMING)).isEqualTo(TIMING.retryRefusedAt(6 * SECOND, ME.seed()));
	}

	@Test
	void ownOlderWriteLeavesItUnknown() {
		Step step = RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Refused(held("me#1", 5, 9)));
		assertThat(step.effects()).containsExactly(send(renew(5)));
		Leading next = (Leading) step.next();
		assertThat(next.deadline()).isEqualTo(13 * SECOND);
		assertThat(next.failures()).isEqualTo(1);
		assertThat(RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Refused(held("me#1", 5, 2))).next())
			.isInstanceOf(Leading.class);
	}

	@Test
	void ownOlderWriteThatStaysShowsThatWritesWereLost() {
		Answer older = new Answer.Refused(held("me#1", 5, 2));
		Step first = RENEWING.answered(TIMING, 5 * SECOND, renew(4), older);
		assertThat(first.effects()).noneMatch(Effect.WritesLost.class::isInstance);
		Step second = first.next().answered(TIMING, 6 * SECOND, renew(5), older);
		assertThat(second.effects()).noneMatch(Effect.WritesLost.class::isInstance);
		Standing last = second.next().tick(TIMING, 11 * SECOND).next();
		assertThat(last.answered(TIMING, 11 * SECOND, renew(11), older).effects())
			.containsExactly(new Effect.WritesLost(5, 5));
		assertThat(last.answered(TIMING, 11 * SECOND, renew(11), new Answer.Refused(held("me#1", 5, 9))).effects())
			.as("is locked")
			.isEmpty();
	}

	@Test
	void answerThatWasOvertakenShowsNoLoss() {
		Leading renewed = (Leading) RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Held(mine(5, 10)))
			.next();
		Step late = renewed.answered(TIMING, 13 * SECOND, renew(4), new Answer.Refused(held("me#1", 5, 9)));
		assertThat(late.effects()).noneMatch(Effect.WritesLost.class::isInstance);
	}

	@Test
	void recordOfAnotherEndsTheTerm() {
		Step step = RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Refused(held("other#1", 6, 10)));
		assertThat(step.next())
			.isEqualTo(new Yielding(ME, RENEWING.seen().seen(TIMING, held("other#1", 6, 10), 4 * SECOND, 5 * SECOND),
					mine(5, 9), Goal.COMPETE, true, Timing.NEVER, Timing.NEVER, 5 * SECOND, Timing.NEVER, 0, false));
		assertThat(step.effects()).containsExactly(new Effect.Revoked(mine(5, 9), Reason.LOST),
				new Effect.LeaderChanged(MYSELF, incumbent(held("other#1", 6, 10))));
	}

	@Test
	void otherTermAndNoRecordEndTheTermToo() {
		assertLost(held("me#1", 6, 10));
		assertLost(held("other#1", 5, 10));
		assertLost(vacant(5, 10));
		assertLost(vanished(5));
		assertLost(ABSENT);
	}

	private static void assertLost(LeaseRecord record) {
		Step step = RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Refused(record));
		assertThat(step.effects()).contains(new Effect.Revoked(mine(5, 9), Reason.LOST));
	}

	@Test
	void lateSuccessOfAnEarlierRenewalCountsFromItsOwnRequest() {
		Standing retried = RENEWING.answered(TIMING, 5 * SECOND, renew(4), UNKNOWN).next();
		Leading next = (Leading) retried.answered(TIMING, 6 * SECOND, renew(4), new Answer.Held(mine(5, 10))).next();
		assertThat(next.deadline()).isEqualTo(14 * SECOND);
		assertThat(next.lease()).isEqualTo(mine(5, 10));
		assertThat(next.askedAt()).as("the renewal under way").isEqualTo(5 * SECOND);
		assertThat(next.failures()).isZero();
	}

	@Test
	void answerThatComesTwiceChangesNothing() {
		Leading renewed = (Leading) RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Held(mine(5, 10)))
			.next();
		assertThat(renewed.answered(TIMING, 5 * SECOND, renew(4), new Answer.Held(mine(5, 10))))
			.isEqualTo(Step.stay(renewed));
	}

	@Test
	void answerThatComesTwiceDoesNotSettleTheNextRenewal() {
		Leading renewed = (Leading) RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Held(mine(5, 10)))
			.next();
		Request.Renew next = new Request.Renew(6 * SECOND, mine(5, 10));
		Leading failed = (Leading) renewed.tick(TIMING, 6 * SECOND)
			.next()
			.answered(TIMING, 7 * SECOND, next, UNKNOWN)
			.next();
		assertThat(failed.failures()).isEqualTo(1);
		Leading again = (Leading) failed.answered(TIMING, 8 * SECOND, renew(4), new Answer.Held(mine(5, 10))).next();
		assertThat(again).isEqualTo(failed);
	}

	@Test
	void failureOfARenewalThatWasPassedSinceLeavesTheNextOneWhereItIs() {
		Leading renewed = (Leading) RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Held(mine(5, 10)))
			.next();
		Leading next = (Leading) renewed.answered(TIMING, 5 * SECOND, renew(4), UNKNOWN).next();
		assertThat(next.renewAt()).isEqualTo(6 * SECOND);
	}

	@Test
	void answersToRequestsOfOtherTermsHaveNoSay() {
		Request former = new Request.Renew(4 * SECOND, mine(4, 9));
		assertThat(RENEWING.answered(TIMING, 5 * SECOND, former, new Answer.Refused(OTHERS)))
			.isEqualTo(Step.stay(RENEWING));
		Request claim = new Request.Acquire(3 * SECOND, vacant(4, 8), 4);
		assertThat(RENEWING.answered(TIMING, 5 * SECOND, claim, new Answer.Held(mine(5, 9))))
			.isEqualTo(Step.stay(RENEWING));
	}

	@Test
	void storeThatAnswersSomethingElseIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RENEWING.answered(TIMING, 5 * SECOND, renew(4), new Answer.Released()))
			.withMessageContaining("is no answer to Renew");
	}

	@Test
	void resigningStandsAside() {
		assertRevoked(LEADING.resign(TIMING, 4 * SECOND, Duration.ofSeconds(7)), Reason.RESIGNED,
				Goal.aside(Duration.ofSeconds(7)), Timing.NEVER);
	}

	@Test
	void pausingStopsCompeting() {
		assertRevoked(LEADING.pause(TIMING, 4 * SECOND, Reason.PAUSED), Reason.PAUSED, Goal.PAUSE, Timing.NEVER);
		assertRevoked(LEADING.pause(TIMING, 4 * SECOND, Reason.UNHEALTHY), Reason.UNHEALTHY, Goal.PAUSE, Timing.NEVER);
	}

	@Test
	void stoppingEndsAtTheTimeoutAtTheLatest() {
		assertRevoked(LEADING.stop(TIMING, 4 * SECOND, Duration.ofSeconds(30)), Reason.STOPPED, Goal.STOP, 34 * SECOND);
	}

	private static void assertRevoked(Step step, Reason reason, Goal goal, long stopBy) {
		assertThat(step.next()).isEqualTo(new Yielding(ME, LEADING.seen(), mine(5, 9), goal, true, Timing.NEVER,
				Timing.NEVER, 18 * SECOND, stopBy, 0, false));
		assertThat(step.effects()).containsExactly(new Effect.Revoked(mine(5, 9), reason),
				new Effect.LeaderChanged(MYSELF, null));
	}

	@Test
	void resumingAndHintsMeanNothing() {
		assertThat(RENEWING.resume(TIMING, 5 * SECOND)).isEqualTo(Step.stay(RENEWING));
		assertThat(RENEWING.hint(TIMING, 5 * SECOND, null)).isEqualTo(Step.stay(RENEWING));
	}

	@Test
	void listenersOfTheCurrentTermCannotHaveFinishedWithItsEnd() {
		assertThat(RENEWING.listenersFinished(TIMING, 5 * SECOND, 4)).isEqualTo(Step.stay(RENEWING));
		assertThatIllegalArgumentException().isThrownBy(() -> RENEWING.listenersFinished(TIMING, 5 * SECOND, 5))
			.withMessage("term 5 has not ended");
	}

	private static Request.Renew renew(long second) {
		return new Request.Renew(second * SECOND, mine(5, 9));
	}

	private static Observation own(Lease lease, long askedAt) {
		return saw(vacant(4, 8)).own(ME, TIMING, lease, askedAt);
	}

}
