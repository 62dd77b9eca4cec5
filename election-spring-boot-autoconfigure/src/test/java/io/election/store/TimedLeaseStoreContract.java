package io.election.store;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.election.core.Answer;
import io.election.core.Leading;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Request;
import io.election.core.Self;
import io.election.core.Standing;
import io.election.core.Timing;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a store has to do, beside the contract of all stores, if its records tell when a
 * lease was last renewed, so that whoever saw it run out takes it over.
 */
public abstract class TimedLeaseStoreContract extends LeaseStoreContract {

	@Override
	protected final LeaseRecord unclaimed(String election) {
		return new LeaseRecord.Absent();
	}

	/**
	 * The record of an election whose record was just deleted.
	 * @param former the lease that was held
	 */
	protected LeaseRecord.Vanished vanished(Lease former) {
		return new LeaseRecord.Vanished(former.term(), TIMING.leaseDuration());
	}

	/** Writes the record of an election again as it is, as an operator's tool might. */
	protected abstract void touchRecord(String election) throws Exception;

	@Test
	void theRecordTellsHowLongTheHolderMayHoldIt() throws Exception {
		Timing timing = new Timing(Duration.ofMillis(12_345), Duration.ofMillis(6_789), Duration.ofSeconds(1));
		lease(acquire(store(), new Claim(candidate(), timing, new LeaseRecord.Absent(), 0)));
		LeaseRecord.Held record = held(store(), this.election);
		assertThat(record.leaseDuration()).isEqualTo(timing.leaseDuration());
		assertThat(record.renewDeadline()).isEqualTo(timing.renewDeadline());
	}

	@Test
	void theRecordTellsOfRenewalsAndReleases() throws Exception {
		LeaseStore store = store();
		Lease lease = renew(store, acquire(store, candidate()));
		assertThat(held(store, this.election).lease()).isEqualTo(lease);
		assertReleased(store, lease);
		assertThat(read(store, this.election)).isInstanceOfSatisfying(LeaseRecord.Vacant.class, (vacant) -> {
			assertThat(vacant.lease().term()).isEqualTo(lease.term());
			assertThat(vacant.lease().revision()).isNotEqualTo(lease.revision());
		});
	}

	@Test
	void theRecordTellsItsAge() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		long since = held(store, this.election).since();
		pass(Duration.ofMillis(1500));
		assertThat(held(store, this.election).age()).isBetween(Duration.ofMillis(1500), Duration.ofSeconds(20));
		renew(store, lease);
		LeaseRecord.Held renewed = held(store, this.election);
		assertThat(renewed.age()).isLessThan(Duration.ofMillis(1500));
		assertThat(renewed.since()).as("since").isEqualTo(since);
	}

	@Test
	void aHeldLeaseIsTakenOverByWhoeverSawTheLastRevision() throws Exception {
		LeaseStore store = store();
		Lease former = acquire(store, candidate());
		Self successor = candidate();
		Lease lease = acquire(store(), successor);
		assertThat(lease.nonce()).isEqualTo(successor.nonce());
		assertThat(lease.term()).isGreaterThan(former.term());
		assertThat(store.renew(List.of(former)).get(this.election)).isInstanceOfSatisfying(Answer.Refused.class,
				(refused) -> assertThat(refused.record()).isInstanceOfSatisfying(LeaseRecord.Held.class,
						(held) -> assertThat(held.lease()).isEqualTo(lease)));
	}

	@Test
	void aClaimIsRefusedIfTheRecordWasRenewedSince() throws Exception {
		LeaseStore store = store();
		Lease first = acquire(store, candidate());
		LeaseRecord seen = read(store, this.election);
		Lease renewed = renew(store, first);
		assertRefused(acquire(store, claim(candidate(), seen)), renewed);
	}

	@Test
	void aClaimComparesNonceTermAndRevision() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		for (Lease other : List.of(new Lease(this.election, "another", lease.term(), lease.revision()),
				new Lease(this.election, lease.nonce(), lease.term() + 1, lease.revision()),
				new Lease(this.election, lease.nonce(), lease.term(), lease.revision() + 1),
				new Lease(this.election, lease.nonce(), lease.term(), lease.revision() - 1))) {
			LeaseRecord seen = new LeaseRecord.Held(other, "", Map.of(), 0, TIMING.leaseDuration(),
					TIMING.renewDeadline(), Duration.ZERO);
			assertRefused(acquire(store, claim(candidate(), seen)), lease);
		}
		LeaseRecord vacant = new LeaseRecord.Vacant(new Lease(this.election, "", lease.term(), lease.revision()));
		assertRefused(acquire(store, claim(candidate(), vacant)), lease);
		LeaseRecord vanished = new LeaseRecord.Vanished(lease.term(), TIMING.leaseDuration());
		assertRefused(acquire(store, claim(candidate(), vanished)), lease);
	}

	@Test
	void theTokenIsHigherThanTheHighestThatTheClaimKnows() throws Exception {
		LeaseStore store = store();
		Answer answer = acquire(store, new Claim(candidate(), TIMING, new LeaseRecord.Absent(), 41));
		assertThat(lease(answer).term()).isGreaterThan(41);
		LeaseRecord seen = read(store, this.election);
		assertThat(lease(acquire(store, new Claim(candidate(), TIMING, seen, 99))).term()).isGreaterThan(99);
	}

	@Test
	void aRenewalOfAnOlderRevisionIsRefusedAndChangesNothing() throws Exception {
		LeaseStore store = store();
		Lease first = acquire(store, candidate());
		Lease second = renew(store, first);
		assertRefused(store.renew(List.of(first)).get(this.election), second);
		assertThat(held(store, this.election).lease()).isEqualTo(second);
	}

	@Test
	void aRecordThatSomebodyTouchedIsRefusedAsItIsNowAndRenewedFromThere() throws Exception {
		LeaseStore store = store();
		Lease lease = renew(store, acquire(store, candidate()));
		touchRecord(this.election);
		Answer answer = store.renew(List.of(lease)).get(this.election);
		Lease touched = held(store, this.election).lease();
		assertRefused(answer, touched);
		assertThat(touched).isEqualTo(new Lease(this.election, lease.nonce(), lease.term(), touched.revision()));
		assertThat(touched.revision()).isGreaterThan(lease.revision());
		assertHolds(store, renew(store, touched));
	}

	@Test
	void aRecordThatSomebodyTouchedMovesNoDeadlineOfItsLeader() throws Exception {
		LeaseStore store = store();
		Self self = candidate();
		LeaseRecord seen = read(store, this.election);
		Standing claiming = Standing.join(self, 0, TIMING, 0)
			.next()
			.answered(TIMING, 0, new Request.Look(0), new Answer.Seen(seen))
			.next();
		Standing granted = claiming
			.answered(TIMING, 0, new Request.Acquire(0, seen, 0), acquire(store, claim(self, seen)))
			.next();
		Leading leading = renewed(store, granted, granted.wakeAt(TIMING));
		touchRecord(this.election);
		long renewedAt = leading.wakeAt(TIMING);
		Leading refused = renewed(store, leading, renewedAt);
		assertThat(refused.deadline()).isEqualTo(leading.deadline());
		assertThat(refused.askedAt()).as("asks again at once").isEqualTo(renewedAt);
		assertThat(renewed(store, refused, renewedAt).deadline())
			.isEqualTo(renewedAt + TIMING.renewDeadline().toNanos());
	}

	/** Asks for a renewal if none is under way, and hands its answer to the leader. */
	private static Leading renewed(LeaseStore store, Standing leader, long now) throws Exception {
		Leading renewing = (Leading) leader.tick(TIMING, now).next();
		Lease lease = renewing.lease();
		Answer answer = store.renew(List.of(lease)).get(lease.election());
		return (Leading) renewing.answered(TIMING, now, new Request.Renew(now, lease), answer).next();
	}

	@Test
	void aDeletedRecordHasVanished() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		deleteRecord(this.election);
		assertThat(read(store, this.election)).isEqualTo(vanished(lease));
		assertThat(store.renew(List.of(lease)).get(this.election)).isEqualTo(new Answer.Refused(vanished(lease)));
		assertReleased(store, lease);
	}

	@Test
	void aVanishedRecordIsAcquiredWithAHigherTerm() throws Exception {
		LeaseStore store = store();
		Lease former = acquire(store, candidate());
		deleteRecord(this.election);
		assertThat(acquire(store, claim(candidate(), new LeaseRecord.Absent())))
			.isEqualTo(new Answer.Refused(vanished(former)));
		LeaseRecord vanished = read(store, this.election);
		Lease lease = lease(acquire(store, claim(candidate(), vanished)));
		assertThat(lease.term()).isGreaterThan(former.term());
		assertThat(held(store, this.election).lease()).isEqualTo(lease);
		assertRefused(acquire(store, claim(candidate(), vanished)), lease);
	}

	@Test
	void aRecordThatWasDeletedAndMadeAnewDoesNotLookUnchanged() throws Exception {
		LeaseStore store = store();
		Self self = candidate();
		Lease lease = acquire(store, self);
		LeaseRecord before = read(store, this.election);
		deleteRecord(this.election);
		Lease anew = acquire(store, self);
		assertThat(read(store, this.election).isSameAs(before)).isFalse();
		assertRefused(acquire(store, claim(candidate(), before)), anew);
		assertRefused(store.renew(List.of(lease)).get(this.election), anew);
	}

	@Test
	void ofARenewalAndATakeOverOneSucceeds() throws Exception {
		LeaseStore holder = store();
		LeaseStore rival = store();
		for (int round = 0; round < 20; round++) {
			Lease lease = acquire(holder, candidate());
			Claim claim = claim(candidate(), read(rival, this.election));
			List<Answer> answers = together(List.of(holder, rival), (store) -> (store == holder)
					? holder.renew(List.of(lease)).get(this.election) : acquire(rival, claim));
			List<Answer> successes = answers.stream().filter(Answer.Held.class::isInstance).toList();
			assertThat(successes).hasSize(1);
			assertThat(held(holder, this.election).lease()).isEqualTo(lease(successes.get(0)));
		}
	}

	@Test
	void ofManyCandidatesOneTakesOver() throws Exception {
		List<LeaseStore> stores = IntStream.range(0, 8).mapToObj((i) -> store()).toList();
		long term = 0;
		for (int round = 0; round < 10; round++) {
			LeaseRecord seen = read(stores.get(0), this.election);
			List<Answer> answers;
			do { // each may meet another that is creating the record, and is to try again
				answers = together(stores, (store) -> acquire(store, claim(candidate(), seen)));
			}
			while (answers.stream().allMatch(Answer.Busy.class::isInstance));
			assertThat(answers).filteredOn((answer) -> answer instanceof Answer.Held).hasSize(1);
			assertThat(answers).hasOnlyElementsOfTypes(Answer.Held.class, Answer.Refused.class, Answer.Busy.class);
			Lease lease = held(stores.get(0), this.election).lease();
			assertThat(answers).contains(new Answer.Held(lease));
			assertThat(lease.term()).isGreaterThan(term);
			term = lease.term();
			if (round % 3 == 1) {
				assertReleased(stores.get(0), lease);
			}
			if (round % 3 == 2) {
				deleteRecord(this.election);
			}
		}
	}

	@Test
	void ofManyCandidatesOneTakesOverEachElectionOfABatch() throws Exception {
		List<LeaseStore> stores = IntStream.range(0, 8).mapToObj((i) -> store()).toList();
		List<String> elections = IntStream.range(0, 100).mapToObj((i) -> this.election + "-" + i).toList();
		for (int round = 0; round < 3; round++) {
			List<Lease> won = acquireTogether(stores, elections);
			assertThat(stores.get(0).read(elections).values())
				.extracting((record) -> ((LeaseRecord.Held) record).lease())
				.containsExactlyInAnyOrderElementsOf(won);
		}
	}

	protected static LeaseRecord.Held held(LeaseStore store, String election) throws Exception {
		LeaseRecord record = read(store, election);
		assertThat(record).isInstanceOf(LeaseRecord.Held.class);
		return (LeaseRecord.Held) record;
	}

}
