package io.election.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What candidates do about leases that a store itself ends.
 */
class KeptLeaseTests {

	private static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	private static final Duration HOUR = Duration.ofHours(1);

	private final Self self = new Self("billing", "self", "node-1", Map.of());

	@Test
	void aKeptLeaseIsNeverClaimed() {
		Standing waiting = looked(join(), kept("other", 7));
		Step step = waiting.tick(TIMING, HOUR.toNanos());
		assertThat(step.effects()).hasOnlyElementsOfType(Effect.Send.class)
			.extracting((effect) -> ((Effect.Send) effect).request())
			.containsExactly(new Request.Look(HOUR.toNanos()));
	}

	@Test
	void whoKeepsALeaseLeadsHoweverLongNothingIsHeardOfIt() {
		Step seen = answer(join(), 1, new Answer.Seen(kept("other", 7)));
		Incumbent other = new Incumbent("other", 7, "node-2", Map.of("zone", "b"), 42);
		assertThat(seen.effects()).containsExactly(new Effect.LeaderChanged(null, other));
		assertThat(seen.next().tick(TIMING, HOUR.toNanos()).next().leader()).isEqualTo(other);
	}

	@Test
	void aKeptLeaseIsLookedAtOnceInALease() {
		Standing waiting = looked(join(), kept("other", 7));
		assertThat(waiting.wakeAt(TIMING)).isEqualTo(TIMING.leaseDuration().toNanos());
		assertThat(looked(waiting.tick(TIMING, waiting.wakeAt(TIMING)), kept("other", 7)).wakeAt(TIMING))
			.isEqualTo(2 * TIMING.leaseDuration().toNanos());
	}

	@Test
	void aHintIsFollowedByALookAndAVacancyByAClaim() {
		Standing waiting = looked(join(), kept("other", 7));
		Step hinted = waiting.hint(TIMING, 100, null);
		assertThat(hinted.effects()).containsExactly(new Effect.Send(new Request.Look(100)));
		LeaseRecord vacant = new LeaseRecord.Vacant(new Lease("billing", "", 0, 0));
		Step seen = answer(hinted, 200, new Answer.Seen(vacant));
		assertThat(seen.effects()).contains(new Effect.Send(new Request.Acquire(200, vacant, 7)));
		assertThat(seen.next().leader()).isNull();
	}

	@Test
	void aVacancyTellsNoTokenAndShowsNoLoss() {
		Standing waiting = looked(join(), kept("other", 7));
		LeaseRecord vacant = new LeaseRecord.Vacant(new Lease("billing", "", 0, 0));
		Step claiming = answer(waiting.hint(TIMING, 100, null), 200, new Answer.Seen(vacant));
		Lease lease = new Lease("billing", "self", 8, 8);
		assertThat(answer(claiming, 300, new Answer.Held(lease)).effects()).startsWith(new Effect.Granted(lease));
	}

	@Test
	void aLeaseOfOnesOwnThatIsLeftOverIsClaimedAnew() {
		LeaseRecord own = kept("self", 7);
		Step seen = answer(join(), 1, new Answer.Seen(own));
		assertThat(seen.effects()).containsExactly(new Effect.Send(new Request.Acquire(1, own, 7)));
	}

	@Test
	void aLeaseOfOnesOwnThatIsLeftOverIsGivenBackByWhoIsPaused() {
		Step paused = answer(join().next().pause(TIMING, 1, Reason.PAUSED), 2, new Answer.Seen(kept("self", 7)));
		assertThat(paused.effects())
			.containsExactly(new Effect.Send(new Request.Release(2, new Lease("billing", "self", 7, 7))));
	}

	@Test
	void aTermEndsIfAnotherKeepsTheLease() {
		Lease lease = new Lease("billing", "self", 7, 7);
		Step claiming = answer(join(), 1, new Answer.Seen(new LeaseRecord.Vacant(new Lease("billing", "", 0, 0))));
		Step leading = answer(claiming, 2, new Answer.Held(lease));
		assertThat(leading.effects()).contains(new Effect.Granted(lease));
		Step renewing = leading.next().tick(TIMING, leading.next().wakeAt(TIMING));
		Step refused = answer(renewing, leading.next().wakeAt(TIMING) + 1, new Answer.Refused(kept("other", 9)));
		assertThat(refused.effects()).contains(new Effect.Revoked(lease, Reason.LOST));
	}

	private Step join() {
		return Standing.join(this.self, 0, TIMING, 0);
	}

	private static Standing looked(Step looking, LeaseRecord record) {
		return answer(looking, sent(looking).askedAt(), new Answer.Seen(record)).next();
	}

	/** Answers the request that the step has sent, or else the look that came first. */
	private static Step answer(Step asking, long now, Answer answer) {
		return asking.next().answered(TIMING, now, sent(asking), answer);
	}

	private static Request sent(Step step) {
		List<Request> sent = step.effects()
			.stream()
			.filter(Effect.Send.class::isInstance)
			.map((effect) -> ((Effect.Send) effect).request())
			.toList();
		return sent.isEmpty() ? new Request.Look(0) : sent.get(0);
	}

	private static LeaseRecord kept(String nonce, long term) {
		return new LeaseRecord.Kept(new Lease("billing", nonce, term, term), "node-2", Map.of("zone", "b"), 42);
	}

}
