package io.election.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an election can get wrong while it looks right, planted one by one: the simulation
 * notices each.
 */
@Tag("simulation")
class SimulationMutantsTests {

	private static final String TWO_LEADERS = "two leaders";

	@ParameterizedTest
	@MethodSource("mutants")
	void isNoticed(Mutant mutant) {
		LongStream seeds = LongStream.rangeClosed(1, ElectionSimulationTests.DEFAULT_SEEDS).parallel();
		assertThat(seeds.anyMatch((seed) -> breaks(mutant, seed))).as("some seed shows that " + mutant).isTrue();
	}

	private static boolean breaks(Mutant mutant, long seed) {
		try {
			new ElectionSimulation(seed, mutant.rules, false).run();
			return false;
		}
		catch (Violation ex) {
			return ex.getMessage().contains(mutant.violation);
		}
	}

	static Stream<Mutant> mutants() {
		return Stream.of(new Mutant("isLeader is a flag that a thread clears", TWO_LEADERS, new FlagRules()),
				new Mutant("the deadline counts from the reply", TWO_LEADERS, new ReplyDeadlineRules()),
				new Mutant("a reply after the deadline moves it", "leads beyond its deadline",
						new LateExtensionRules()),
				new Mutant("a late reply revives a term", "without having been told", new RevivingRules()),
				new Mutant("a renewal is retried as a claim", "in term", new ClaimingRenewalRules()),
				new Mutant("a renewal is sent after its term was revoked", "is sent in term", new LateRenewalRules()),
				new Mutant(
						"a candidate waits for its own lease, not for the holder's", TWO_LEADERS, new OwnLeaseRules()),
				new Mutant("ids are compared, not nonces", TWO_LEADERS, new IdRules()),
				new Mutant("a release compares neither nonce nor term", TWO_LEADERS,
						new StoreRules(CarelessReleaseStore::new)),
				new Mutant("a release compares the nonce, not the term", TWO_LEADERS,
						new StoreRules(TermlessReleaseStore::new)),
				new Mutant("a release is of what was read last", "of another", new ReadReleaseRules()),
				new Mutant("failed looks are repeated without a pause", "hot loop", new RestlessRules()),
				new Mutant("failed claims are repeated without a pause", "hot loop", new EagerRules()),
				new Mutant("the lease is released before the listeners have finished",
						"before the listeners have finished", new HastyReleaseRules()),
				new Mutant("a record counts as seen when it was asked for", TWO_LEADERS, new ObservedAtRequestRules()),
				new Mutant("the age that the server states is believed", TWO_LEADERS, new CredulousRules()),
				new Mutant("a term is the record's plus one", "token", new StoreRules(ForgetfulStore::new)),
				new Mutant("a token that is no new highest begins a term", "after token", new AnyTokenRules()),
				new Mutant("a claim does not ask for the first token", "although nothing was lost",
						new UndemandingRules()),
				new Mutant("a token below the first begins a term", "below its first token", new AnyFirstTokenRules()),
				new Mutant("the first token counts as seen", "although nothing was lost", new SeenFirstTokenRules()),
				new Mutant("reading back counts as renewing", TWO_LEADERS, new ReadBackRules()),
				new Mutant("a record that was read back counts from the oldest unsettled renewal", TWO_LEADERS,
						new UnsettledRules()),
				new Mutant("a vanished record counts as vacant", TWO_LEADERS, new VanishedRules()),
				new Mutant("a look from before a term counts after it", "after its own term", new OldLookRules()));
	}

	record Mutant(String name, String violation, Rules rules) {

		@Override
		public String toString() {
			return this.name;
		}

	}

	/** Does not keep to the table: somebody else has to notice. */
	private abstract static class BrokenRules extends Rules {

		@Override
		Transition transition(@Nullable Standing from, @Nullable Input input, Step step, long now) {
			return Transition.STAYS;
		}

		static Step with(Step step, Standing next) {
			return new Step(next, step.effects());
		}

		static @Nullable Answer answer(Input input, Class<? extends Request> kind) {
			return (input instanceof Input.Answered answered && kind.isInstance(answered.request())) ? answered.answer()
					: null;
		}

		static Leading until(Leading leading, long deadline) {
			return new Leading(leading.self(), leading.seen(), leading.lease(), deadline, leading.renewAt(),
					leading.askedAt(), leading.failures());
		}

		/**
		 * Changes what a waiting candidate has seen, if it has just seen something new.
		 */
		static Step withSeen(Standing from, Step step, UnaryOperator<Observation> change) {
			if (!(step.next() instanceof Waiting waiting)
					|| (from instanceof Waiting before && before.seen().record() == waiting.seen().record())
					|| waiting.seen().record() == null) {
				return step;
			}
			return with(step, new Waiting(waiting.self(), change.apply(waiting.seen()), waiting.goal(),
					waiting.asideUntil(), waiting.looks(), waiting.claimNotBefore()));
		}

		static Observation observedAt(Observation seen, long instant) {
			return new Observation(seen.record(), instant, seen.lookedAt(), seen.lease(), seen.highestTerm(),
					seen.expired(), seen.lowerSince());
		}

		static Observation leased(Observation seen, Duration lease) {
			return new Observation(seen.record(), seen.observedAt(), seen.lookedAt(), lease, seen.highestTerm(),
					seen.expired(), seen.lowerSince());
		}

	}

	private static final class FlagRules extends BrokenRules {

		@Override
		boolean isLeader(Standing standing, long now) {
			return standing instanceof Leading;
		}

	}

	private static final class ReplyDeadlineRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, input, timing, now);
			boolean held = answer(input, Request.Acquire.class) instanceof Answer.Held
					|| answer(input, Request.Renew.class) instanceof Answer.Held;
			return (held && !step.next().equals(from) && step.next() instanceof Leading leading)
					? with(step, until(leading, timing.deadline(now))) : step;
		}

	}

	private static final class LateExtensionRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			if (from instanceof Leading leading && now >= leading.deadline()
					&& answer(input, Request.Renew.class) instanceof Answer.Held) {
				long later = timing.deadline(((Input.Answered) input).request().askedAt());
				return super.step((later > now) ? until(leading, later) : from, input, timing, now);
			}
			return super.step(from, input, timing, now);
		}

	}

	private static final class RevivingRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			if (from instanceof Yielding yielding && input instanceof Input.Answered answered
					&& answered.request() instanceof Request.Renew renew
					&& renew.lease().term() == yielding.lease().term() && now < timing.deadline(renew.askedAt())
					&& answered.answer() instanceof Answer.Held held) {
				return Step.stay(Leading.granted(from.self(), yielding.seen(), held.lease(), renew.askedAt(), timing));
			}
			return super.step(from, input, timing, now);
		}

	}

	private static final class ClaimingRenewalRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, (from instanceof Leading leading) ? asRenewal(leading, input) : input, timing,
					now);
			if (step.next() instanceof Leading leading && leading.failures() > 0) {
				return new Step(leading, step.effects().stream().map((effect) -> asClaim(leading, effect)).toList());
			}
			return step;
		}

		private static Input asRenewal(Leading leading, Input input) {
			if (input instanceof Input.Answered answered && answered.request() instanceof Request.Acquire acquire) {
				Answer answer = (answered.answer() instanceof Answer.Busy) ? new Answer.Unknown() : answered.answer();
				return new Input.Answered(new Request.Renew(acquire.askedAt(), leading.lease()), answer);
			}
			return input;
		}

		private static Effect asClaim(Leading leading, Effect effect) {
			if (effect instanceof Effect.Send send && send.request() instanceof Request.Renew) {
				return new Effect.Send(
						new Request.Acquire(send.request().askedAt(), leading.seen().record(), leading.highestTerm()));
			}
			return effect;
		}

	}

	private static final class LateRenewalRules extends BrokenRules {

		@Override
		boolean sends(Standing standing, Request.Renew renew) {
			return true;
		}

	}

	private static final class OwnLeaseRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			return withSeen(from, super.step(from, input, timing, now),
					(seen) -> (seen.record() instanceof LeaseRecord.Held) ? leased(seen, timing.leaseDuration())
							: seen);
		}

	}

	private static final class IdRules extends BrokenRules {

		@Override
		Self self(String election, String nonce, String candidateId, long firstToken) {
			return super.self(election, candidateId, candidateId, firstToken);
		}

	}

	private static final class ReadReleaseRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			if (from instanceof Waiting waiting && waiting.goal().kind() != Goal.Kind.COMPETE
					&& waiting.seen().heldBy(from.self()) != null
					&& answer(input, Request.Look.class) instanceof Answer.Seen seen
					&& seen.record() instanceof LeaseRecord.Held read) {
				return Yielding.givingBack(from, waiting.seen(), read.lease(), waiting.goal(), now, Timing.NEVER,
						timing, now);
			}
			return super.step(from, input, timing, now);
		}

	}

	private static final class RestlessRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, input, timing, now);
			if (step.next() instanceof Waiting waiting && waiting.looks().failures() > 0
					&& !waiting.looks().underWay()) {
				return with(step, new Waiting(waiting.self(), waiting.seen(), waiting.goal(), waiting.asideUntil(),
						new Looks(now, Timing.NEVER, false, waiting.looks().failures()), waiting.claimNotBefore()));
			}
			return step;
		}

	}

	private static final class EagerRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, input, timing, now);
			return (from instanceof Claiming && step.next() instanceof Waiting waiting)
					? with(step, new Waiting(waiting.self(), waiting.seen(), waiting.goal(), waiting.asideUntil(),
							waiting.looks(), now))
					: step;
		}

	}

	private static final class HastyReleaseRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, input, timing, now);
			return (step.next() instanceof Yielding yielding && yielding.listening()) ? with(step,
					new Yielding(yielding.self(), yielding.seen(), yielding.lease(), yielding.goal(), false,
							Timing.NEVER, now + 1, yielding.releaseBy(), yielding.stopBy(), 0, yielding.hinted()))
					: step;
		}

	}

	private static final class ObservedAtRequestRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			return withSeen(from, super.step(from, input, timing, now),
					(seen) -> observedAt(seen, Math.min(seen.observedAt(), seen.lookedAt())));
		}

	}

	private static final class CredulousRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			return withSeen(from, super.step(from, input, timing, now),
					(seen) -> (seen.record() instanceof LeaseRecord.Held held)
							? observedAt(seen, now - Math.max(0, held.age().toNanos())) : seen);
		}

	}

	private static final class AnyTokenRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			if (from instanceof Claiming claiming) {
				Observation seen = claiming.seen();
				return super.step(new Claiming(claiming.self(),
						new Observation(seen.record(), seen.observedAt(), seen.lookedAt(), seen.lease(), 0,
								seen.expired(), seen.lowerSince()),
						claiming.goal(), claiming.askedAt(), claiming.stopBy(), claiming.hinted()), input, timing, now);
			}
			return super.step(from, input, timing, now);
		}

	}

	private static final class UndemandingRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, input, timing, now);
			return new Step(step.next(), step.effects()
				.stream()
				.map((effect) -> (effect instanceof Effect.Send send && send.request() instanceof Request.Acquire claim)
						? new Effect.Send(new Request.Acquire(claim.askedAt(), claim.seen(), step.next().highestTerm()))
						: effect)
				.toList());
		}

	}

	private static final class AnyFirstTokenRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			if (from instanceof Claiming claiming) {
				Self self = claiming.self();
				Self modest = new Self(self.election(), self.nonce(), self.candidateId(), self.attributes());
				return super.step(new Claiming(modest, claiming.seen(), claiming.goal(), claiming.askedAt(),
						claiming.stopBy(), claiming.hinted()), input, timing, now);
			}
			return super.step(from, input, timing, now);
		}

	}

	private static final class SeenFirstTokenRules extends BrokenRules {

		@Override
		Step join(Self self, long highestTerm, Timing timing, long now) {
			return super.join(self, Math.max(highestTerm, self.firstToken() - 1), timing, now);
		}

	}

	private static final class ReadBackRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, input, timing, now);
			if (from instanceof Leading before && step.next() instanceof Leading after
					&& answer(input, Request.Renew.class) instanceof Answer.Refused
					&& after.lease().revision() > before.lease().revision()) {
				long renewed = timing.deadline(((Input.Answered) input).request().askedAt());
				return with(step, until(after, Math.max(after.deadline(), renewed)));
			}
			return step;
		}

	}

	/**
	 * An unsettled renewal may have written what is read back, but so may somebody who
	 * touched the record before it.
	 */
	private static final class UnsettledRules extends BrokenRules {

		/** By nonce, in the simulation that this thread runs. */
		private final ThreadLocal<Map<String, Long>> unsettled = ThreadLocal.withInitial(HashMap::new);

		@Override
		SimulatedStore store(LongSupplier realTime, LongSupplier serverClock) {
			this.unsettled.get().clear();
			return super.store(realTime, serverClock);
		}

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, input, timing, now);
			String who = from.self().election() + from.self().nonce();
			Answer answer = answer(input, Request.Renew.class);
			Map<String, Long> unsettled = this.unsettled.get();
			if (answer instanceof Answer.Unknown) {
				unsettled.merge(who, ((Input.Answered) input).request().askedAt(), Math::min);
			}
			else if (answer instanceof Answer.Held || !(step.next() instanceof Leading)) {
				unsettled.remove(who);
			}
			else if (from instanceof Leading before && step.next() instanceof Leading after
					&& after.lease().revision() > before.lease().revision() && unsettled.containsKey(who)) {
				long writtenAfter = Math.min(unsettled.remove(who), ((Input.Answered) input).request().askedAt());
				return with(step, until(after, Math.max(after.deadline(), timing.deadline(writtenAfter))));
			}
			return step;
		}

	}

	private static final class VanishedRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			return withSeen(from, super.step(from, input, timing, now),
					(seen) -> (seen.record() instanceof LeaseRecord.Vanished) ? leased(seen, Duration.ZERO) : seen);
		}

	}

	private static final class OldLookRules extends BrokenRules {

		@Override
		Step step(Standing from, Input input, Timing timing, long now) {
			Step step = super.step(from, input, timing, now);
			if (step.next() instanceof Waiting waiting && waiting.seen().record() == null) {
				return with(step, new Waiting(waiting.self(), Observation.none(waiting.highestTerm(), Long.MIN_VALUE),
						waiting.goal(), waiting.asideUntil(), waiting.looks(), waiting.claimNotBefore()));
			}
			return step;
		}

	}

	private static final class StoreRules extends BrokenRules {

		private final StoreFactory factory;

		StoreRules(StoreFactory factory) {
			this.factory = factory;
		}

		@Override
		SimulatedStore store(LongSupplier realTime, LongSupplier serverClock) {
			return this.factory.create(realTime, serverClock);
		}

	}

	private interface StoreFactory {

		SimulatedStore create(LongSupplier realTime, LongSupplier serverClock);

	}

	private static final class CarelessReleaseStore extends SimulatedStore {

		CarelessReleaseStore(LongSupplier realTime, LongSupplier serverClock) {
			super(realTime, serverClock);
		}

		@Override
		Answer release(Cell cell, Lease lease) {
			if (cell.record instanceof LeaseRecord.Held held) {
				vacate(cell, held);
			}
			return new Answer.Released();
		}

	}

	private static final class TermlessReleaseStore extends SimulatedStore {

		TermlessReleaseStore(LongSupplier realTime, LongSupplier serverClock) {
			super(realTime, serverClock);
		}

		@Override
		Answer release(Cell cell, Lease lease) {
			if (cell.record instanceof LeaseRecord.Held held && held.lease().nonce().equals(lease.nonce())) {
				vacate(cell, held);
			}
			return new Answer.Released();
		}

	}

	private static final class ForgetfulStore extends SimulatedStore {

		ForgetfulStore(LongSupplier realTime, LongSupplier serverClock) {
			super(realTime, serverClock);
		}

		@Override
		long nextTerm(Cell cell, Request.Acquire request) {
			return (cell.record != null) ? cell.record.term() + 1 : 1;
		}

	}

}
