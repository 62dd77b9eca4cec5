package io.election.core;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static io.election.core.Samples.ABSENT;
import static io.election.core.Samples.ME;
import static io.election.core.Samples.OTHERS;
import static io.election.core.Samples.SECOND;
import static io.election.core.Samples.TIMING;
import static io.election.core.Samples.demanding;
import static io.election.core.Samples.held;
import static io.election.core.Samples.incumbent;
import static io.election.core.Samples.look;
import static io.election.core.Samples.mine;
import static io.election.core.Samples.saw;
import static io.election.core.Samples.seen;
import static io.election.core.Samples.send;
import static io.election.core.Samples.vacant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Claiming}.
 */
class ClaimingTests {

	private static final Answer UNKNOWN = new Answer.Unknown();

	/** Asked for what was vacant, at 3 s. */
	private static final Claiming CLAIMING = new Claiming(ME, saw(vacant(4, 8)), Goal.COMPETE, 3 * SECOND, Timing.NEVER,
			false);

	private static final Request CLAIM = new Request.Acquire(3 * SECOND, vacant(4, 8), 4);

	private static final Answer HELD = new Answer.Held(mine(5, 9));

	@Test
	void heldLeaseIsATermThatCountsFromTheRequest() {
		Step step = CLAIMING.answered(TIMING, 4 * SECOND, CLAIM, HELD);
		assertThat(step.next()).isEqualTo(new Leading(ME, saw(vacant(4, 8)).own(ME, TIMING, mine(5, 9), 3 * SECOND),
				mine(5, 9), 13 * SECOND, 4 * SECOND, Timing.NEVER, 0));
		assertThat(step.effects()).containsExactly(new Effect.Granted(mine(5, 9)),
				new Effect.LeaderChanged(null, step.next().leader()));
	}

	@Test
	void leaseThatIsHeldTooLateIsGivenBack() {
		assertThat(CLAIMING.answered(TIMING, 13 * SECOND - 1, CLAIM, HELD).next()).isInstanceOf(Leading.class);
		Step step = CLAIMING.answered(TIMING, 13 * SECOND, CLAIM, HELD);
		assertThat(step.next()).isEqualTo(new Yielding(ME, saw(vacant(4, 8)).own(ME, TIMING, mine(5, 9), 3 * SECOND),
				mine(5, 9), Goal.COMPETE, false, 13 * SECOND, 13 * SECOND, 18 * SECOND, Timing.NEVER, 0, false));
		assertThat(step.effects()).containsExactly(send(new Request.Release(13 * SECOND, mine(5, 9))));
	}

	@Test
	void leaseThatIsHeldAfterItHasRunOutIsGivenBackAllTheSame() {
		Step step = CLAIMING.answered(TIMING, 30 * SECOND, CLAIM, HELD);
		assertThat(step.next()).isInstanceOf(Yielding.class);
		assertThat(step.effects()).containsExactly(send(new Request.Release(30 * SECOND, mine(5, 9))));
	}

	@Test
	void leaseThatIsNoLongerWantedIsGivenBack() {
		Standing paused = CLAIMING.pause(TIMING, 3 * SECOND, Reason.PAUSED).next();
		assertThat(paused.goal()).isEqualTo(Goal.PAUSE);
		Step step = paused.answered(TIMING, 4 * SECOND, CLAIM, HELD);
		assertThat(step.next().goal()).isEqualTo(Goal.PAUSE);
		assertThat(step.effects()).containsExactly(send(new Request.Release(4 * SECOND, mine(5, 9))));
	}

	@Test
	void leaseThatIsWantedAgainIsATerm() {
		Standing resumed = CLAIMING.pause(TIMING, 3 * SECOND, Reason.PAUSED).next().resume(TIMING, 3 * SECOND).next();
		assertThat(resumed).isEqualTo(CLAIMING);
	}

	@Test
	void tokenThatIsNoNewHighestIsRefusedAndNotTriedAgain() {
		Step step = CLAIMING.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Held(mine(4, 9)));
		assertThat(step.next()).isInstanceOf(Yielding.class);
		assertThat(step.next().goal()).isEqualTo(Goal.PAUSE);
		assertThat(step.effects()).containsExactly(new Effect.TokenRefused(4, 4),
				send(new Request.Release(4 * SECOND, mine(4, 9))));
	}

	@Test
	void tokenBelowTheFirstIsRefusedAndNotTriedAgain() {
		Self demanding = demanding(6);
		Claiming claiming = new Claiming(demanding, saw(vacant(4, 8)), Goal.COMPETE, 3 * SECOND, Timing.NEVER, false);
		Step step = claiming.answered(TIMING, 4 * SECOND, CLAIM, HELD);
		assertThat(step.next()).isInstanceOf(Yielding.class);
		assertThat(step.next().goal()).isEqualTo(Goal.PAUSE);
		assertThat(step.effects()).containsExactly(new Effect.TokenRefused(5, 4),
				send(new Request.Release(4 * SECOND, mine(5, 9))));
		assertThat(claiming.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Held(mine(6, 9))).next())
			.isInstanceOf(Leading.class);
	}

	@Test
	void claimThatReplacedATokenBelowTheFirstIsAsItShouldBe() {
		Self demanding = demanding(100);
		Claiming claiming = new Claiming(demanding, saw(vacant(4, 8)), Goal.COMPETE, 3 * SECOND, Timing.NEVER, false);
		Step step = claiming.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Held(mine(100, 9)));
		assertThat(step.next()).isInstanceOf(Leading.class);
		assertThat(step.effects()).noneMatch(Effect.WritesLost.class::isInstance);
	}

	@Test
	void claimThatReplacedALowerTokenShowsThatWritesWereLost() {
		Claiming claiming = new Claiming(ME, saw(held("other#1", 7, 9)).seen(TIMING, vacant(4, 8), SECOND, 2 * SECOND),
				Goal.COMPETE, 3 * SECOND, Timing.NEVER, false);
		Step step = claiming.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Held(mine(8, 9)));
		assertThat(step.next()).isInstanceOf(Leading.class);
		assertThat(step.effects()).startsWith(new Effect.WritesLost(4, 7), new Effect.Granted(mine(8, 9)));
		assertThat(claiming.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Refused(OTHERS)).effects())
			.as("it may just have been out of date")
			.noneMatch(Effect.WritesLost.class::isInstance);
	}

	@Test
	void tokenThatIsRefusedDoesNotUndoAStop() {
		Standing stopping = CLAIMING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(5)).next();
		Step step = stopping.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Held(mine(4, 9)));
		assertThat(step.next().goal()).isEqualTo(Goal.STOP);
		assertThat(((Yielding) step.next()).stopBy()).isEqualTo(8 * SECOND);
	}

	@Test
	void refusedClaimWaitsForTheRecordThatItWasToldOf() {
		Step step = CLAIMING.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Refused(OTHERS));
		assertThat(step.next())
			.isEqualTo(new Waiting(ME, saw(vacant(4, 8)).seen(TIMING, OTHERS, 3 * SECOND, 4 * SECOND), Goal.COMPETE,
					Timing.NEVER, Looks.dueAt(6 * SECOND), TIMING.retryRefusedAt(4 * SECOND, ME.seed())));
		assertThat(step.effects()).containsExactly(new Effect.LeaderChanged(null, incumbent(OTHERS)));
	}

	@Test
	void busyRecordIsClaimedAgainSoon() {
		Step step = CLAIMING.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Busy());
		long again = TIMING.retryRefusedAt(4 * SECOND, ME.seed());
		assertThat(step.effects()).isEmpty();
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(again);
		assertThat(step.next().tick(TIMING, again).next()).isInstanceOf(Claiming.class);
	}

	@Test
	void busyRecordThatWasNotSeenIsLookedAtSoon() {
		Claiming hinted = new Claiming(ME, saw(OTHERS), Goal.COMPETE, 3 * SECOND, Timing.NEVER, false);
		Step step = hinted.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Busy());
		long again = TIMING.retryRefusedAt(4 * SECOND, ME.seed());
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(again);
		assertThat(step.next().tick(TIMING, again).effects()).containsExactly(send(look(again)));
	}

	/**
	 * Found in a review: where nothing is polled, a release during a refused claim went
	 * unnoticed for a lease.
	 */
	@Test
	void hintDuringAClaimIsLookedIntoIfItIsRefused() {
		for (LeaseRecord.Vacant vacated : new LeaseRecord.Vacant[] { null, vacant(5, 10) }) {
			Step hinted = CLAIMING.hint(TIMING, 4 * SECOND, vacated);
			assertThat(hinted.effects()).isEmpty();
			Step step = ((Claiming) hinted.next().resume(TIMING, 4 * SECOND).next()).answered(TIMING, 5 * SECOND, CLAIM,
					new Answer.Refused(OTHERS));
			long soon = TIMING.retryRefusedAt(5 * SECOND, ME.seed());
			assertThat(step.next().wakeAt(TIMING)).isEqualTo(soon);
			assertThat(step.next().tick(TIMING, soon).effects()).containsExactly(send(look(soon)));
		}
	}

	@Test
	void unknownClaimIsSettledByALook() {
		Step step = CLAIMING.answered(TIMING, 4 * SECOND, CLAIM, UNKNOWN);
		assertThat(step.next()).isInstanceOf(Waiting.class);
		assertThat(step.effects()).containsExactly(send(look(4 * SECOND)));
		Standing settled = step.next().answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(held("me#1", 5, 9))).next();
		long again = TIMING.retryAt(4 * SECOND, 2, ME.seed());
		assertThat(settled.wakeAt(TIMING)).as("not at once, or it might fail for ever").isEqualTo(6 * SECOND);
		assertThat(settled.tick(TIMING, again).effects())
			.containsExactly(send(new Request.Acquire(again, held("me#1", 5, 9), 5)));
	}

	@Test
	void claimThatIsNotAnsweredIsUnknown() {
		Step step = CLAIMING.tick(TIMING, 7 * SECOND);
		assertThat(step).isEqualTo(CLAIMING.answered(TIMING, 7 * SECOND, CLAIM, UNKNOWN));
		assertThat(step.effects()).containsExactly(send(look(7 * SECOND)));
		Step late = step.next().answered(TIMING, 8 * SECOND, CLAIM, HELD);
		assertThat(late).as("a late answer begins no term").isEqualTo(Step.stay(step.next()));
		Step own = late.next().answered(TIMING, 9 * SECOND, look(7 * SECOND), seen(held("me#1", 5, 9)));
		long again = TIMING.retryAt(7 * SECOND, 2, ME.seed());
		assertThat(own.next().tick(TIMING, Math.max(again, 9 * SECOND)).next()).as("nor is its lease lost")
			.isInstanceOf(Claiming.class);
		Standing paused = step.next().pause(TIMING, 8 * SECOND, Reason.PAUSED).next();
		assertThat(paused.answered(TIMING, 9 * SECOND, look(7 * SECOND), seen(held("me#1", 5, 9))).effects())
			.contains(send(new Request.Release(9 * SECOND, mine(5, 9))));
	}

	@Test
	void stopDoesNotWaitForAClaimThatIsNotAnswered() {
		Standing stopping = CLAIMING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(30)).next();
		assertThat(stopping.tick(TIMING, 7 * SECOND).effects()).containsExactly(new Effect.Stopped());
	}

	@Test
	void pauseOutlastsAnUnknownClaim() {
		Step step = CLAIMING.pause(TIMING, 3 * SECOND, Reason.PAUSED)
			.next()
			.answered(TIMING, 4 * SECOND, CLAIM, UNKNOWN);
		assertThat(step.next().goal()).isEqualTo(Goal.PAUSE);
	}

	@Test
	void answersToOtherRequestsHaveNoSay() {
		Request earlier = new Request.Acquire(2 * SECOND, ABSENT, 0);
		assertThat(CLAIMING.answered(TIMING, 4 * SECOND, earlier, HELD)).isEqualTo(Step.stay(CLAIMING));
		assertThat(CLAIMING.answered(TIMING, 4 * SECOND, look(3 * SECOND), seen(OTHERS)))
			.isEqualTo(Step.stay(CLAIMING));
	}

	@Test
	void storeThatAnswersSomethingElseIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> CLAIMING.answered(TIMING, 4 * SECOND, CLAIM, seen(OTHERS)))
			.withMessageContaining("is no answer to Acquire");
	}

	@Test
	void nothingButTheAnswerIsWaitedFor() {
		assertThat(CLAIMING.wakeAt(TIMING)).isEqualTo(7 * SECOND);
		assertThat(CLAIMING.tick(TIMING, 7 * SECOND - 1)).isEqualTo(Step.stay(CLAIMING));
		assertThat(CLAIMING.listenersFinished(TIMING, 4 * SECOND, 1)).isEqualTo(Step.stay(CLAIMING));
		assertThat(CLAIMING.resign(TIMING, 4 * SECOND, Duration.ZERO)).isEqualTo(Step.stay(CLAIMING));
	}

	@Test
	void knowsTheLeaderItHasSeen() {
		assertThat(CLAIMING.leader()).isNull();
		assertThat(CLAIMING.highestTerm()).isEqualTo(4);
		Claiming over = new Claiming(ME, saw(OTHERS), Goal.COMPETE, 3 * SECOND, Timing.NEVER, false);
		assertThat(over.leader()).isEqualTo(incumbent(OTHERS));
	}

	@Test
	void stopWaitsForTheAnswerToGiveTheLeaseBack() {
		Standing stopping = CLAIMING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(5)).next();
		assertThat(stopping.goal()).isEqualTo(Goal.STOP);
		Step step = stopping.answered(TIMING, 4 * SECOND, CLAIM, HELD);
		assertThat(step.effects()).containsExactly(send(new Request.Release(4 * SECOND, mine(5, 9))));
		assertThat(((Yielding) step.next()).stopBy()).isEqualTo(8 * SECOND);
	}

	@Test
	void stopIsOverWhenThereIsNothingToGiveBack() {
		Standing stopping = CLAIMING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(5)).next();
		Step gone = new Step(new Stopped(ME, 4), List.of(new Effect.Stopped()));
		assertThat(stopping.answered(TIMING, 4 * SECOND, CLAIM, UNKNOWN)).isEqualTo(gone);
		assertThat(stopping.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Busy())).isEqualTo(gone);
		assertThat(stopping.answered(TIMING, 4 * SECOND, CLAIM, new Answer.Refused(OTHERS))).isEqualTo(gone);
	}

	@Test
	void stopIsOverAtItsTimeout() {
		Standing stopping = CLAIMING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(3)).next();
		assertThat(stopping.tick(TIMING, 6 * SECOND - 1).next()).isEqualTo(stopping);
		Step step = stopping.hint(TIMING, 6 * SECOND, null);
		assertThat(step.next()).isInstanceOf(Stopped.class);
		assertThat(step.effects()).containsExactly(new Effect.Stopped());
		assertThat(CLAIMING.stop(TIMING, 3 * SECOND, Duration.ZERO).next()).isInstanceOf(Stopped.class);
	}

	@Test
	void everyInputEndsAStopThatIsOver() {
		Standing stopping = CLAIMING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(5)).next();
		long over = 8 * SECOND;
		assertThat(stopping.listenersFinished(TIMING, over, 1).next()).isInstanceOf(Stopped.class);
		assertThat(stopping.resign(TIMING, over, Duration.ZERO).next()).isInstanceOf(Stopped.class);
		assertThat(stopping.pause(TIMING, over, Reason.PAUSED).next()).isInstanceOf(Stopped.class);
		assertThat(stopping.resume(TIMING, over).next()).isInstanceOf(Stopped.class);
		assertThat(stopping.stop(TIMING, over, Duration.ofDays(1)).next()).isInstanceOf(Stopped.class);
		assertThat(stopping.answered(TIMING, over, look(1), UNKNOWN).next()).isInstanceOf(Stopped.class);
	}

	@Test
	void stopIsFinal() {
		Standing stopping = CLAIMING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(5)).next();
		assertThat(stopping.pause(TIMING, 4 * SECOND, Reason.PAUSED).next()).isEqualTo(stopping);
		assertThat(stopping.resume(TIMING, 4 * SECOND).next()).isEqualTo(stopping);
		assertThat(stopping.stop(TIMING, 4 * SECOND, Duration.ofDays(1)).next()).isEqualTo(stopping);
	}

	@Test
	void stopMayBecomeMoreUrgent() {
		Standing stopping = CLAIMING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(5)).next();
		assertThat(stopping.stop(TIMING, 4 * SECOND, Duration.ofSeconds(1)).next().wakeAt(TIMING))
			.isEqualTo(5 * SECOND);
	}

}
