package io.election.core;

import java.time.Duration;

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
import static io.election.core.Samples.vanished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Waiting}.
 */
class WaitingTests {

	private static final Answer UNKNOWN = new Answer.Unknown();

	/** Watches a record of another, seen at 2 s, and looks again at 4 s. */
	private static final Waiting WATCHING = waiting(saw(OTHERS), Goal.COMPETE, Looks.dueAt(4 * SECOND));

	@Test
	void joiningLooksFirst() {
		Step step = Standing.join(ME, 3, TIMING, SECOND);
		assertThat(step.next())
			.isEqualTo(waiting(Observation.none(3, SECOND), Goal.COMPETE, new Looks(SECOND, SECOND, false, 1), SECOND));
		assertThat(step.effects()).containsExactly(send(look(SECOND)));
		assertThat(step.next().highestTerm()).isEqualTo(3);
		assertThat(step.next().leader()).isNull();
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(5 * SECOND);
	}

	@Test
	void absentRecordIsClaimedAtOnce() {
		Standing joined = Standing.join(ME, 3, TIMING, SECOND).next();
		Step step = joined.answered(TIMING, 2 * SECOND, look(SECOND), seen(ABSENT));
		assertThat(step.next()).isInstanceOf(Claiming.class);
		assertThat(step.effects()).containsExactly(send(new Request.Acquire(2 * SECOND, ABSENT, 3)));
	}

	@Test
	void claimAsksForTheFirstTokenWhereOnlyLowerOnesWereSeen() {
		assertThat(claimOf(demanding(100))).isEqualTo(new Request.Acquire(2 * SECOND, vacant(4, 8), 99));
		assertThat(claimOf(demanding(5))).isEqualTo(new Request.Acquire(2 * SECOND, vacant(4, 8), 4));
		assertThat(claimOf(demanding(3))).isEqualTo(new Request.Acquire(2 * SECOND, vacant(4, 8), 4));
	}

	private static Request claimOf(Self self) {
		Standing joined = Standing.join(self, 0, TIMING, SECOND).next();
		Step step = joined.answered(TIMING, 2 * SECOND, look(SECOND), seen(vacant(4, 8)));
		assertThat(step.next().highestTerm()).as("what was seen").isEqualTo(4);
		return ((Effect.Send) step.effects().get(0)).request();
	}

	@Test
	void vacantRecordIsClaimedAtOnce() {
		Step step = looking().answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(vacant(4, 8)));
		assertThat(step.next())
			.isEqualTo(new Claiming(ME, saw(OTHERS).seen(TIMING, vacant(4, 8), 4 * SECOND, 5 * SECOND).at(5 * SECOND),
					Goal.COMPETE, 5 * SECOND, Timing.NEVER, false));
		assertThat(step.effects()).containsExactly(send(new Request.Acquire(5 * SECOND, vacant(4, 8), 4)),
				new Effect.LeaderChanged(incumbent(OTHERS), null));
	}

	@Test
	void ownFormerRecordIsClaimedAtOnce() {
		Step step = looking().answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(held("me#1", 5, 9)));
		assertThat(step.effects()).contains(send(new Request.Acquire(5 * SECOND, held("me#1", 5, 9), 5)));
	}

	@Test
	void heldRecordIsClaimedAtTheInstantAtWhichItsLeaseRunsOut() {
		Waiting watching = waiting(saw(OTHERS), Goal.COMPETE, Looks.dueAt(18 * SECOND));
		assertThat(watching.wakeAt(TIMING)).isEqualTo(17 * SECOND);
		assertThat(watching.tick(TIMING, 17 * SECOND - 1)).isEqualTo(Step.stay(watching));
		Step step = watching.tick(TIMING, 17 * SECOND);
		assertThat(step.next()).isInstanceOf(Claiming.class);
		assertThat(step.effects()).containsExactly(send(new Request.Acquire(17 * SECOND, OTHERS, 4)),
				new Effect.LeaderChanged(incumbent(OTHERS), null));
	}

	@Test
	void vanishedRecordIsClaimedAfterALease() {
		Waiting watching = waiting(saw(vanished(4)), Goal.COMPETE, Looks.dueAt(18 * SECOND));
		assertThat(watching.wakeAt(TIMING)).isEqualTo(17 * SECOND);
		assertThat(watching.tick(TIMING, 17 * SECOND).effects())
			.containsExactly(send(new Request.Acquire(17 * SECOND, vanished(4), 4)));
	}

	@Test
	void looksWhenItsTimeHasCome() {
		assertThat(WATCHING.wakeAt(TIMING)).isEqualTo(4 * SECOND);
		assertThat(WATCHING.tick(TIMING, 4 * SECOND - 1)).isEqualTo(Step.stay(WATCHING));
		Step step = WATCHING.tick(TIMING, 4 * SECOND);
		assertThat(step.next()).isEqualTo(looking());
		assertThat(step.effects()).containsExactly(send(look(4 * SECOND)));
	}

	@Test
	void doesNotClaimWhileALookIsUnderWay() {
		Waiting looking = waiting(saw(OTHERS), Goal.COMPETE, new Looks(15 * SECOND, 15 * SECOND, false, 0));
		Step step = looking.tick(TIMING, 17 * SECOND);
		assertThat(step.next()).isInstanceOf(Waiting.class);
		assertThat(step.effects()).containsExactly(new Effect.LeaderChanged(incumbent(OTHERS), null));
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(19 * SECOND);
	}

	@Test
	void lowerTokenThatStaysShowsThatWritesWereLost() {
		Waiting waiting = waiting(saw(held("other#1", 7, 9)), Goal.COMPETE,
				new Looks(4 * SECOND, 4 * SECOND, false, 0));
		Step first = waiting.answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(OTHERS));
		assertThat(first.effects()).noneMatch(Effect.WritesLost.class::isInstance);
		long later = 19 * SECOND;
		LeaseRecord renewed = held("other#1", 4, 8);
		assertThat(first.next().answered(TIMING, later - 1, look(later - 1), seen(renewed)).effects())
			.noneMatch(Effect.WritesLost.class::isInstance);
		assertThat(first.next().answered(TIMING, later, look(later), seen(renewed)).effects())
			.startsWith(new Effect.WritesLost(4, 7));
		assertThat(first.next().answered(TIMING, later, look(3 * SECOND), seen(renewed)).effects()).as("overtaken")
			.noneMatch(Effect.WritesLost.class::isInstance);
		Standing higher = first.next()
			.answered(TIMING, 6 * SECOND, look(6 * SECOND), seen(held("other#1", 8, 9)))
			.next();
		assertThat(higher.answered(TIMING, later, look(later), seen(renewed)).effects()).as("was higher between")
			.noneMatch(Effect.WritesLost.class::isInstance);
	}

	@Test
	void answersToLooksFromBeforeTheHigherTokenWasSeenShowNoLoss() {
		Standing standing = waiting(saw(held("other#1", 3, 9)), Goal.COMPETE,
				new Looks(4 * SECOND, 4 * SECOND, false, 0));
		standing = standing.answered(TIMING, 40 * SECOND, look(4 * SECOND), seen(held("other#1", 7, 9))).next();
		for (long askedAt = 5; askedAt < 40; askedAt++) {
			Step step = standing.answered(TIMING, 41 * SECOND, look(askedAt * SECOND), seen(OTHERS));
			assertThat(step.effects()).noneMatch(Effect.WritesLost.class::isInstance);
			standing = step.next();
		}
	}

	@Test
	void recordsThatTellNoTokenShowNoLoss() {
		for (LeaseRecord record : new LeaseRecord[] { vanished(7), ABSENT, vacant(0, 0) }) {
			Standing standing = waiting(saw(held("other#1", 7, 9)), Goal.PAUSE,
					new Looks(4 * SECOND, 4 * SECOND, false, 0));
			for (long at = 5; at < 60; at += 5) {
				Step step = standing.answered(TIMING, at * SECOND, look(at * SECOND), seen(record));
				assertThat(step.effects()).noneMatch(Effect.WritesLost.class::isInstance);
				standing = step.next();
			}
		}
	}

	@Test
	void lookThatIsNotAnsweredIsUnknown() {
		assertThat(looking().tick(TIMING, 8 * SECOND - 1)).isEqualTo(Step.stay(looking()));
		Step step = looking().tick(TIMING, 8 * SECOND);
		assertThat(step).isEqualTo(looking().answered(TIMING, 8 * SECOND, look(4 * SECOND), UNKNOWN));
		assertThat(step.effects()).containsExactly(send(look(8 * SECOND)));
		Standing late = step.next().answered(TIMING, 9 * SECOND, look(4 * SECOND), seen(vacant(4, 8))).next();
		assertThat(late).as("nothing is done before the next answer").isInstanceOf(Waiting.class);
	}

	@Test
	void doesNotClaimAfterALookThatFailed() {
		Step failed = looking().answered(TIMING, 17 * SECOND, look(4 * SECOND), UNKNOWN);
		assertThat(failed.next()).isInstanceOf(Waiting.class);
		assertThat(failed.effects()).contains(send(look(17 * SECOND)));
		Step again = failed.next().answered(TIMING, 18 * SECOND, look(17 * SECOND), UNKNOWN);
		assertThat(again.effects()).isEmpty();
		assertThat(again.next().wakeAt(TIMING)).isEqualTo(TIMING.retryAt(18 * SECOND, 2, ME.seed()));
	}

	@Test
	void unchangedRecordIsLookedAtAgain() {
		Step step = looking().answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(OTHERS));
		assertThat(step.effects()).isEmpty();
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(6 * SECOND);
	}

	@Test
	void hintCausesALookAtOnce() {
		Step step = WATCHING.hint(TIMING, 3 * SECOND, null);
		assertThat(step.effects()).containsExactly(send(look(3 * SECOND)));
	}

	@Test
	void hintThatTheLeaseWasGivenBackCausesAClaimAtOnce() {
		LeaseRecord.Vacant vacated = vacant(4, 9);
		Step step = WATCHING.hint(TIMING, 3 * SECOND, vacated);
		assertThat(step.effects())
			.containsExactly(send(new Request.Acquire(3 * SECOND, vacated, WATCHING.highestTerm())));
		assertThat(step.next().leader()).as("who leads is not decided by a hint").isEqualTo(WATCHING.leader());
		Step refused = step.next()
			.answered(TIMING, 4 * SECOND, new Request.Acquire(3 * SECOND, vacated, WATCHING.highestTerm()),
					new Answer.Refused(OTHERS));
		assertThat(refused.next().leader()).isEqualTo(WATCHING.leader());
		assertThat(refused.next().wakeAt(TIMING)).isEqualTo(6 * SECOND);
	}

	@Test
	void hintThatTheLeaseWasGivenBackIsLookedIntoWhereNothingMayBeClaimed() {
		LeaseRecord.Vacant vacated = vacant(4, 9);
		assertThat(looking().hint(TIMING, 5 * SECOND, vacated)).isEqualTo(looking().hint(TIMING, 5 * SECOND, null));
		Waiting failed = waiting(saw(OTHERS), Goal.COMPETE, new Looks(9 * SECOND, Timing.NEVER, false, 3));
		assertThat(failed.hint(TIMING, 5 * SECOND, vacated).effects()).containsExactly(send(look(5 * SECOND)));
		assertThat(aside(saw(OTHERS)).hint(TIMING, 5 * SECOND, vacated).effects())
			.containsExactly(send(look(5 * SECOND)));
		Waiting refused = new Waiting(ME, saw(vacant(4, 8)), Goal.COMPETE, Timing.NEVER, Looks.dueAt(9 * SECOND),
				5 * SECOND);
		assertThat(refused.hint(TIMING, 5 * SECOND - 1, vacated).effects()).containsExactly(send(look(5 * SECOND - 1)));
		assertThat(refused.hint(TIMING, 5 * SECOND, vacated).next()).isInstanceOf(Claiming.class);
	}

	@Test
	void whoeverLostAClaimNeedNotPauseWhenTheWinnerHasGone() {
		Waiting refused = new Waiting(ME, saw(OTHERS), Goal.COMPETE, Timing.NEVER, Looks.dueAt(9 * SECOND), 5 * SECOND);
		assertThat(refused.hint(TIMING, 4 * SECOND, vacant(4, 9)).next()).isInstanceOf(Claiming.class);
	}

	@Test
	void hintOfWhatWasSeenCausesNothing() {
		Waiting aside = aside(saw(vacant(4, 9)));
		assertThat(aside.hint(TIMING, 4 * SECOND, vacant(4, 9))).isEqualTo(Step.stay(aside));
		assertThat(aside.hint(TIMING, 4 * SECOND, vacant(4, 10)).effects()).containsExactly(send(look(4 * SECOND)));
		assertThat(aside.hint(TIMING, 4 * SECOND, null).effects()).containsExactly(send(look(4 * SECOND)));
	}

	/** The look may have come before what the hint is about. */
	@Test
	void hintOfWhatWasSeenCausesAnotherLookAfterOneUnderWay() {
		Waiting looking = waiting(saw(vacant(4, 9)), Goal.PAUSE, new Looks(4 * SECOND, 4 * SECOND, false, 0));
		Waiting hinted = (Waiting) looking.hint(TIMING, 5 * SECOND, vacant(4, 9)).next();
		assertThat(hinted.looks().again()).isTrue();
	}

	@Test
	void hintAfterStandingAsideIsOverCausesAClaim() {
		assertThat(aside(saw(OTHERS)).hint(TIMING, 7 * SECOND, vacant(4, 9)).next()).isInstanceOf(Claiming.class);
	}

	@Test
	void hintDuringALookCausesAnotherAfterIt() {
		Step hinted = looking().hint(TIMING, 5 * SECOND, null);
		assertThat(hinted.effects()).isEmpty();
		Step step = hinted.next().answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(OTHERS));
		assertThat(step.effects()).containsExactly(send(look(5 * SECOND)));
		assertThat(((Waiting) step.next()).looks().again()).isFalse();
	}

	@Test
	void hintEndsThePauseAfterAFailure() {
		Waiting failed = waiting(saw(OTHERS), Goal.COMPETE, new Looks(9 * SECOND, Timing.NEVER, false, 3));
		Step step = failed.hint(TIMING, 5 * SECOND, null);
		assertThat(step.effects()).containsExactly(send(look(5 * SECOND)));
		assertThat(((Waiting) step.next()).looks().failures()).isEqualTo(3);
	}

	@Test
	void lateAnswerToALookIsTakenButDoesNotEndTheOneUnderWay() {
		Step step = looking().answered(TIMING, 5 * SECOND, look(2 * SECOND), seen(held("other#1", 4, 8)));
		assertThat(step.next().leader()).isEqualTo(incumbent(held("other#1", 4, 8)));
		assertThat(((Waiting) step.next()).looks()).isEqualTo(looking().looks());
		assertThat(looking().answered(TIMING, 5 * SECOND, look(2 * SECOND), UNKNOWN).next()).isEqualTo(looking());
	}

	@Test
	void answerToAnythingButALookIsLate() {
		Request claim = new Request.Acquire(SECOND, ABSENT, 0);
		assertThat(WATCHING.answered(TIMING, 3 * SECOND, claim, new Answer.Held(mine(5, 8))))
			.isEqualTo(Step.stay(WATCHING));
	}

	@Test
	void storeThatAnswersSomethingElseIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> looking().answered(TIMING, 5 * SECOND, look(4 * SECOND), new Answer.Busy()))
			.withMessage("Busy[] is no answer to Look[askedAt=4000000000]");
	}

	@Test
	void waitsAfterARefusedClaim() {
		Waiting refused = new Waiting(ME, saw(vacant(4, 8)), Goal.COMPETE, Timing.NEVER, Looks.dueAt(4 * SECOND),
				3 * SECOND);
		assertThat(refused.wakeAt(TIMING)).isEqualTo(3 * SECOND);
		assertThat(refused.tick(TIMING, 3 * SECOND - 1).next()).isEqualTo(refused);
		assertThat(refused.tick(TIMING, 3 * SECOND).next()).isInstanceOf(Claiming.class);
	}

	@Test
	void pausedCandidateLooksOn() {
		Step step = WATCHING.pause(TIMING, 3 * SECOND, Reason.PAUSED);
		assertThat(step.effects()).isEmpty();
		assertThat(step.next().goal()).isEqualTo(Goal.PAUSE);
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(4 * SECOND);
		Standing expired = step.next().tick(TIMING, 17 * SECOND).next();
		assertThat(expired).isInstanceOf(Waiting.class);
		assertThat(expired.leader()).isNull();
		assertThat(((Waiting) expired).looks().underWay()).isTrue();
	}

	@Test
	void resumedCandidateClaimsWhatIsFree() {
		Waiting paused = waiting(saw(vacant(4, 8)), Goal.PAUSE, Looks.dueAt(9 * SECOND));
		assertThat(paused.wakeAt(TIMING)).isEqualTo(9 * SECOND);
		assertThat(paused.resume(TIMING, 5 * SECOND).effects())
			.containsExactly(send(new Request.Acquire(5 * SECOND, vacant(4, 8), 4)));
	}

	@Test
	void resumingDoesNotEndStandingAside() {
		Waiting aside = aside(saw(vacant(4, 8)));
		assertThat(aside.resume(TIMING, 5 * SECOND)).isEqualTo(Step.stay(aside));
	}

	@Test
	void standsAsideUntilTheTimeIsOver() {
		Waiting aside = aside(saw(vacant(4, 8)));
		assertThat(aside.wakeAt(TIMING)).isEqualTo(7 * SECOND);
		assertThat(aside.tick(TIMING, 7 * SECOND - 1)).isEqualTo(Step.stay(aside));
		assertThat(aside.tick(TIMING, 7 * SECOND).next()).isInstanceOf(Claiming.class);
	}

	@Test
	void standsAsideUntilAnotherLeads() {
		Waiting aside = aside(saw(vacant(4, 8)));
		Step step = aside.hint(TIMING, 4 * SECOND, null)
			.next()
			.answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(held("other#1", 5, 9)));
		assertThat(step.next().goal()).isEqualTo(Goal.COMPETE);
		assertThat(((Waiting) step.next()).asideUntil()).isEqualTo(Timing.NEVER);
	}

	@Test
	void standsAsideUntilAnotherHasLed() {
		Waiting aside = aside(saw(vacant(4, 8)));
		Standing looking = aside.hint(TIMING, 4 * SECOND, null).next();
		assertThat(looking.answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(vacant(4, 9))).next().goal().kind())
			.isEqualTo(Goal.Kind.ASIDE);
		assertThat(looking.answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(vacant(5, 9))).next())
			.isInstanceOf(Claiming.class);
	}

	@Test
	void timeToStandAsideCountsFromWhenTheWaitBegins() {
		Waiting waiting = Waiting.lookingAtOnce(ME, saw(vacant(4, 8)), Goal.aside(Duration.ofSeconds(5)), 2 * SECOND);
		assertThat(waiting.asideUntil()).isEqualTo(7 * SECOND);
		assertThat(waiting.tick(TIMING, 2 * SECOND).effects()).containsExactly(send(look(2 * SECOND)));
	}

	@Test
	void nothingIsClaimedBeforeTheFirstLookOfAWait() {
		Waiting waiting = Waiting.lookingAtOnce(ME, saw(vacant(4, 8)), Goal.COMPETE, 5 * SECOND);
		assertThat(waiting.tick(TIMING, 5 * SECOND).effects()).containsExactly(send(look(5 * SECOND)));
	}

	@Test
	void ownRecordIsGivenBackWhileNotCompeting() {
		Waiting paused = waiting(saw(OTHERS), Goal.PAUSE, new Looks(4 * SECOND, 4 * SECOND, false, 0));
		Step step = paused.answered(TIMING, 5 * SECOND, look(4 * SECOND), seen(held("me#1", 5, 9)));
		assertThat(step.next()).isInstanceOf(Yielding.class);
		assertThat(step.next().goal()).isEqualTo(Goal.PAUSE);
		assertThat(((Yielding) step.next()).releaseBy()).isEqualTo(20 * SECOND);
		assertThat(step.effects()).containsExactly(send(new Request.Release(5 * SECOND, mine(5, 9))),
				new Effect.LeaderChanged(incumbent(OTHERS), null));
	}

	/**
	 * Found by the simulation, as a second leader under a lease that a third gave back.
	 */
	@Test
	void overtakenLookDoesNotMakeItReleaseTheLeaseOfAnother() {
		Observation own = Observation.none(0, 0).own(ME, TIMING, mine(8, 17), 5 * SECOND);
		Waiting aside = waiting(own, Goal.aside(Duration.ofSeconds(5)), Looks.dueAt(9 * SECOND));
		Step step = aside.answered(TIMING, 6 * SECOND, look(4 * SECOND), seen(held("other#1", 9, 19)));
		assertThat(step.effects()).containsExactly(send(new Request.Release(6 * SECOND, mine(8, 17))));
	}

	@Test
	void stopEndsItAtOnceAndNothingFollows() {
		Step step = WATCHING.stop(TIMING, 3 * SECOND, Duration.ofSeconds(30));
		assertThat(step.next()).isEqualTo(new Stopped(ME, 4));
		assertThat(step.effects()).containsExactly(new Effect.Stopped());
	}

	@Test
	void resigningAndFinishedListenersMeanNothing() {
		assertThat(WATCHING.resign(TIMING, 3 * SECOND, Duration.ZERO)).isEqualTo(Step.stay(WATCHING));
		assertThat(WATCHING.listenersFinished(TIMING, 3 * SECOND, 1)).isEqualTo(Step.stay(WATCHING));
	}

	@Test
	void everyInputDoesWhatIsDue() {
		Effect look = send(look(4 * SECOND));
		assertThat(WATCHING.resign(TIMING, 4 * SECOND, Duration.ZERO).effects()).containsExactly(look);
		assertThat(WATCHING.listenersFinished(TIMING, 4 * SECOND, 1).effects()).containsExactly(look);
		assertThat(WATCHING.resume(TIMING, 4 * SECOND).effects()).containsExactly(look);
		assertThat(WATCHING.answered(TIMING, 4 * SECOND, new Request.Acquire(1, ABSENT, 0), UNKNOWN).effects())
			.containsExactly(look);
	}

	private static Waiting looking() {
		return waiting(saw(OTHERS), Goal.COMPETE, new Looks(4 * SECOND, 4 * SECOND, false, 0));
	}

	private static Waiting aside(Observation seen) {
		return new Waiting(ME, seen, Goal.aside(Duration.ofSeconds(5)), 7 * SECOND, Looks.dueAt(9 * SECOND), 0);
	}

	private static Waiting waiting(Observation seen, Goal goal, Looks looks) {
		return waiting(seen, goal, looks, 0);
	}

	private static Waiting waiting(Observation seen, Goal goal, Looks looks, long claimNotBefore) {
		return new Waiting(ME, seen, goal, Timing.NEVER, looks, claimNotBefore);
	}

}
