package io.election.core;

import java.time.Duration;
import java.util.List;

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
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Yielding}.
 */
class YieldingTests {

	private static final Answer UNKNOWN = new Answer.Unknown();

	private static final Answer RELEASED = new Answer.Released();

	private static final Observation OWN = saw(vacant(4, 8)).own(ME, TIMING, mine(5, 9), 3 * SECOND);

	/** Ended term 5, which has its lease until 18 s; listeners are at work. */
	private static final Yielding LISTENING = listening(Goal.COMPETE, 18 * SECOND, Timing.NEVER);

	/** The same with a release under way since 6 s. */
	private static final Yielding RELEASING = releasing(Goal.COMPETE, Timing.NEVER);

	@Test
	void waitsForListenersHoweverLongTheyTake() {
		assertThat(LISTENING.wakeAt(TIMING)).isEqualTo(Timing.NEVER);
		assertThat(LISTENING.tick(TIMING, 100 * SECOND)).isEqualTo(Step.stay(LISTENING));
		assertThat(LISTENING.hint(TIMING, 100 * SECOND, null)).isEqualTo(Step.stay(LISTENING));
	}

	@Test
	void releasesWhenListenersHaveFinished() {
		Step step = LISTENING.listenersFinished(TIMING, 6 * SECOND, 5);
		assertThat(step.next()).isEqualTo(RELEASING);
		assertThat(step.effects()).containsExactly(send(release(6)));
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(10 * SECOND);
	}

	@Test
	void releaseThatIsNotAnsweredIsUnknown() {
		assertThat(RELEASING.tick(TIMING, 10 * SECOND - 1)).isEqualTo(Step.stay(RELEASING));
		Step step = RELEASING.tick(TIMING, 10 * SECOND);
		assertThat(step).isEqualTo(RELEASING.answered(TIMING, 10 * SECOND, release(6), UNKNOWN));
		assertThat(step.effects()).containsExactly(send(release(10)));
		assertThat(step.next().answered(TIMING, 11 * SECOND, release(6), RELEASED)).isEqualTo(Step.stay(step.next()));
	}

	@Test
	void letsTheLeaseRunOutWhenAListenerHasFailed() {
		Standing running = LISTENING.listenersFailed(TIMING, 6 * SECOND, 5).next();
		assertThat(running.wakeAt(TIMING)).isEqualTo(18 * SECOND);
		assertThat(running.tick(TIMING, 18 * SECOND - 1)).isEqualTo(Step.stay(running));
		assertThat(running.hint(TIMING, 7 * SECOND, null)).isEqualTo(Step.stay(running));
		Step over = running.tick(TIMING, 18 * SECOND);
		assertThat(over.next()).isInstanceOf(Waiting.class);
		assertThat(over.effects()).containsExactly(send(look(18 * SECOND)));
	}

	@Test
	void doesNotWaitForALeaseThatRunsOutWhenItStops() {
		Yielding stopping = listening(Goal.STOP, 18 * SECOND, 30 * SECOND);
		assertThat(stopping.listenersFailed(TIMING, 6 * SECOND, 5).next()).isInstanceOf(Stopped.class);
		Standing running = LISTENING.listenersFailed(TIMING, 6 * SECOND, 5).next();
		assertThat(running.stop(TIMING, 7 * SECOND, Duration.ofSeconds(30)).next()).isInstanceOf(Stopped.class);
	}

	@Test
	void listenersOfAnEarlierTermHaveNoSay() {
		assertThat(LISTENING.listenersFailed(TIMING, 6 * SECOND, 4)).isEqualTo(Step.stay(LISTENING));
		assertThat(LISTENING.listenersFinished(TIMING, 6 * SECOND, 4)).isEqualTo(Step.stay(LISTENING));
	}

	@Test
	void listenersFinishOnce() {
		assertThat(RELEASING.listenersFinished(TIMING, 7 * SECOND, 5)).isEqualTo(Step.stay(RELEASING));
	}

	@Test
	void looksAtOnceWhenReleased() {
		Step step = RELEASING.answered(TIMING, 7 * SECOND, release(6), RELEASED);
		assertThat(step.next()).isEqualTo(new Waiting(ME, Observation.none(5, 6 * SECOND), Goal.COMPETE, Timing.NEVER,
				new Looks(7 * SECOND, 7 * SECOND, false, 1), 7 * SECOND));
		assertThat(step.effects()).containsExactly(send(look(7 * SECOND)));
	}

	@Test
	void standsAsideFromWhenReleased() {
		Yielding aside = releasing(Goal.aside(Duration.ofSeconds(4)), Timing.NEVER);
		Waiting next = (Waiting) aside.answered(TIMING, 7 * SECOND, release(6), RELEASED).next();
		assertThat(next.goal().kind()).isEqualTo(Goal.Kind.ASIDE);
		assertThat(next.asideUntil()).isEqualTo(11 * SECOND);
	}

	@Test
	void letsOthersClaimBeforeItLooksForThem() {
		Yielding aside = releasing(Goal.aside(Duration.ofSeconds(40)), Timing.NEVER);
		Step step = aside.answered(TIMING, 7 * SECOND, release(6), RELEASED);
		assertThat(step.effects()).isEmpty();
		long later = TIMING.lookForSuccessorAt(7 * SECOND);
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(later);
		assertThat(step.next().tick(TIMING, later).effects()).containsExactly(send(look(later)));
		Step vacancy = step.next().hint(TIMING, 7 * SECOND, new LeaseRecord.Vacant(mine(5, 10)));
		assertThat(vacancy).as("its own").isEqualTo(Step.stay(step.next()));
		assertThat(step.next().hint(TIMING, 7 * SECOND, null).effects()).containsExactly(send(look(7 * SECOND)));
	}

	@Test
	void looksBeforeItNoLongerStandsAside() {
		Yielding aside = releasing(Goal.aside(Duration.ofMillis(1)), Timing.NEVER);
		Step step = aside.answered(TIMING, 7 * SECOND, release(6), RELEASED);
		assertThat(step.next().wakeAt(TIMING)).isEqualTo(7 * SECOND + Duration.ofMillis(1).toNanos());
	}

	/**
	 * Found by a measurement: it stood aside for a lease although another had led.
	 */
	@Test
	void looksAtOnceForASuccessorThatWasHintedAtBeforeTheAnswer() {
		Yielding aside = releasing(Goal.aside(Duration.ofSeconds(40)), Timing.NEVER);
		Standing hinted = aside.hint(TIMING, 6 * SECOND, null).next();
		Step step = hinted.answered(TIMING, 7 * SECOND, release(6), RELEASED);
		assertThat(step.effects()).containsExactly(send(look(7 * SECOND)));
		Standing vacancy = aside.hint(TIMING, 6 * SECOND, new LeaseRecord.Vacant(mine(5, 10))).next();
		assertThat(vacancy).as("its own").isEqualTo(aside);
		Standing early = listening(Goal.aside(Duration.ofSeconds(40)), 18 * SECOND, Timing.NEVER)
			.hint(TIMING, 6 * SECOND, null)
			.next();
		assertThat(((Yielding) early).hinted()).as("before the release").isFalse();
	}

	@Test
	void aHintOfASuccessorOutlastsAnUnknownRelease() {
		Yielding aside = releasing(Goal.aside(Duration.ofSeconds(40)), Timing.NEVER);
		Standing again = aside.hint(TIMING, 6 * SECOND, null)
			.next()
			.answered(TIMING, 7 * SECOND, release(6), UNKNOWN)
			.next();
		assertThat(((Yielding) again).hinted()).isTrue();
		assertThat(((Yielding) again.pause(TIMING, 7 * SECOND, Reason.PAUSED).next()).hinted()).isTrue();
	}

	@Test
	void unknownReleaseIsRepeatedAtOnceThenEveryRetryPeriod() {
		Step first = RELEASING.answered(TIMING, 7 * SECOND, release(6), UNKNOWN);
		assertThat(first.effects()).containsExactly(send(release(7)));
		Step second = first.next().answered(TIMING, 8 * SECOND, release(7), UNKNOWN);
		assertThat(second.effects()).isEmpty();
		long again = TIMING.retryAt(8 * SECOND, 2, ME.seed());
		assertThat(second.next().wakeAt(TIMING)).isEqualTo(again);
		assertThat(second.next().tick(TIMING, again - 1)).isEqualTo(Step.stay(second.next()));
		assertThat(second.next().tick(TIMING, again).effects())
			.containsExactly(send(new Request.Release(again, mine(5, 9))));
	}

	@Test
	void hasNothingToGiveBackWhenTheLeaseHasRunOut() {
		assertThat(RELEASING.tick(TIMING, 18 * SECOND - 1).next()).isInstanceOf(Yielding.class);
		Step step = RELEASING.tick(TIMING, 18 * SECOND);
		assertThat(step.next()).isInstanceOf(Waiting.class);
		assertThat(step.effects()).containsExactly(send(look(18 * SECOND)));
	}

	@Test
	void hasNothingToGiveBackWhenTheLeaseIsLost() {
		Yielding lost = new Yielding(ME, saw(OTHERS), mine(5, 9), Goal.COMPETE, true, Timing.NEVER, Timing.NEVER,
				5 * SECOND, Timing.NEVER, 0, false);
		assertThat(lost.leader()).isEqualTo(incumbent(OTHERS));
		Step step = lost.listenersFinished(TIMING, 6 * SECOND, 5);
		assertThat(step.next()).isInstanceOf(Waiting.class);
		assertThat(step.next().leader()).isEqualTo(incumbent(OTHERS));
		assertThat(step.effects()).containsExactly(send(look(6 * SECOND)));
	}

	@Test
	void leaderWhoseLeaseRanOutWhileListenersWereAtWorkLeadsNoMore() {
		Yielding lost = new Yielding(ME, saw(OTHERS), mine(5, 9), Goal.COMPETE, true, Timing.NEVER, Timing.NEVER,
				5 * SECOND, Timing.NEVER, 0, false);
		Step step = lost.listenersFinished(TIMING, 17 * SECOND, 5);
		assertThat(step.effects()).containsExactly(send(look(17 * SECOND)),
				new Effect.LeaderChanged(incumbent(OTHERS), null));
	}

	@Test
	void answersToOtherRequestsHaveNoSay() {
		Request.Renew renewal = new Request.Renew(6 * SECOND, mine(5, 9));
		assertThat(RELEASING.answered(TIMING, 7 * SECOND, renewal, new Answer.Held(mine(5, 10))))
			.isEqualTo(Step.stay(RELEASING));
		assertThat(RELEASING.answered(TIMING, 7 * SECOND, release(5), RELEASED)).isEqualTo(Step.stay(RELEASING));
		assertThat(RELEASING.answered(TIMING, 7 * SECOND, look(6), seen(held("me#1", 5, 9))))
			.isEqualTo(Step.stay(RELEASING));
	}

	@Test
	void storeThatAnswersSomethingElseIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RELEASING.answered(TIMING, 7 * SECOND, release(6), new Answer.Refused(ABSENT)))
			.withMessageContaining("is no answer to Release");
	}

	@Test
	void pausesAndResumesWhatComesThen() {
		Standing paused = LISTENING.pause(TIMING, 6 * SECOND, Reason.PAUSED).next();
		assertThat(paused).isEqualTo(listening(Goal.PAUSE, 18 * SECOND, Timing.NEVER));
		assertThat(paused.resume(TIMING, 6 * SECOND).next()).isEqualTo(LISTENING);
		Yielding aside = listening(Goal.aside(Duration.ofSeconds(4)), 18 * SECOND, Timing.NEVER);
		assertThat(aside.resume(TIMING, 6 * SECOND).next()).isEqualTo(aside);
		assertThat(aside.pause(TIMING, 6 * SECOND, Reason.PAUSED).next().goal()).isEqualTo(Goal.PAUSE);
	}

	@Test
	void resigningMeansNothing() {
		assertThat(RELEASING.resign(TIMING, 7 * SECOND, Duration.ZERO)).isEqualTo(Step.stay(RELEASING));
	}

	@Test
	void stopWaitsForTheRelease() {
		Standing stopping = RELEASING.stop(TIMING, 7 * SECOND, Duration.ofSeconds(5)).next();
		assertThat(stopping).isEqualTo(releasing(Goal.STOP, 12 * SECOND));
		assertThat(stopping.wakeAt(TIMING)).isEqualTo(10 * SECOND);
		assertThat(stopping.answered(TIMING, 8 * SECOND, release(6), RELEASED)).isEqualTo(gone());
	}

	@Test
	void stopIsOverAtItsTimeoutWithoutARelease() {
		Yielding stopping = listening(Goal.STOP, 18 * SECOND, 12 * SECOND);
		assertThat(stopping.wakeAt(TIMING)).isEqualTo(12 * SECOND);
		assertThat(stopping.tick(TIMING, 12 * SECOND - 1)).isEqualTo(Step.stay(stopping));
		assertThat(stopping.tick(TIMING, 12 * SECOND)).isEqualTo(gone());
	}

	@Test
	void stopIsOverWhenTheLeaseHasRunOut() {
		assertThat(releasing(Goal.STOP, 30 * SECOND).tick(TIMING, 18 * SECOND)).isEqualTo(gone());
		assertThat(listening(Goal.STOP, 18 * SECOND, 30 * SECOND).listenersFinished(TIMING, 19 * SECOND, 5))
			.isEqualTo(gone());
	}

	@Test
	void stopIsFinal() {
		Yielding stopping = releasing(Goal.STOP, 12 * SECOND);
		assertThat(stopping.pause(TIMING, 7 * SECOND, Reason.PAUSED).next()).isEqualTo(stopping);
		assertThat(stopping.resume(TIMING, 7 * SECOND).next()).isEqualTo(stopping);
		assertThat(stopping.stop(TIMING, 7 * SECOND, Duration.ofDays(1)).next()).isEqualTo(stopping);
	}

	@Test
	void everyInputDoesWhatIsDue() {
		long over = 18 * SECOND;
		assertThat(RELEASING.hint(TIMING, over, null).next()).isInstanceOf(Waiting.class);
		assertThat(RELEASING.answered(TIMING, over, look(6), UNKNOWN).next()).isInstanceOf(Waiting.class);
		assertThat(RELEASING.answered(TIMING, over, release(6), UNKNOWN).next()).isInstanceOf(Waiting.class);
		assertThat(RELEASING.resign(TIMING, over, Duration.ZERO).next()).isInstanceOf(Waiting.class);
		assertThat(RELEASING.pause(TIMING, over, Reason.PAUSED).next()).isInstanceOf(Waiting.class);
		assertThat(RELEASING.resume(TIMING, over).next()).isInstanceOf(Waiting.class);
		assertThat(RELEASING.stop(TIMING, over, Duration.ofDays(1)).next()).isInstanceOf(Stopped.class);
	}

	@Test
	void stopMayBecomeMoreUrgent() {
		Standing stopping = releasing(Goal.STOP, 12 * SECOND).stop(TIMING, 7 * SECOND, Duration.ofSeconds(2)).next();
		assertThat(stopping).isEqualTo(releasing(Goal.STOP, 9 * SECOND));
	}

	private static Yielding listening(Goal goal, long releaseBy, long stopBy) {
		return new Yielding(ME, OWN, mine(5, 9), goal, true, Timing.NEVER, Timing.NEVER, releaseBy, stopBy, 0, false);
	}

	private static Yielding releasing(Goal goal, long stopBy) {
		return new Yielding(ME, OWN, mine(5, 9), goal, false, 6 * SECOND, 6 * SECOND, 18 * SECOND, stopBy, 0, false);
	}

	private static Request.Release release(long second) {
		return new Request.Release(second * SECOND, mine(5, 9));
	}

	private static Step gone() {
		return new Step(new Stopped(ME, 5), List.of(new Effect.Stopped()));
	}

}
