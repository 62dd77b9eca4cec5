package io.election.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchException;

/**
 * What every store has to do. A store's test inherits this, or
 * {@link TimedLeaseStoreContract} if its leases end by time, and says how to reach the
 * backend, and how to do what only an operator does.
 * <p>
 * Every test has elections of its own, so a backend may serve all tests of a class.
 */
public abstract class LeaseStoreContract {

	protected static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

	protected static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	protected static final Duration KEEP = Duration.ofSeconds(1);

	protected static final long LIMIT_SECONDS = 20;

	/** A new one for every test. */
	protected final String election = "election " + UUID.randomUUID();

	private final List<LeaseStore> opened = new ArrayList<>();

	protected final ExecutorService threads = Executors.newCachedThreadPool();

	/** The backend, the same for all calls in a test. */
	protected abstract Backend backend();

	/** The record of an election that nobody ever led. */
	protected abstract LeaseRecord unclaimed(String election);

	/** Deletes the record of an election and nothing else, as an operator might. */
	protected abstract void deleteRecord(String election) throws Exception;

	/** Lets time pass for the backend. */
	protected abstract void pass(Duration time) throws Exception;

	/** By how much whatever ends by itself may end too late. */
	protected Duration lateness() {
		return Duration.ZERO;
	}

	/** Breaks the connections of all stores, which the backend survives. */
	protected abstract void breakConnections() throws Exception;

	@AfterEach
	void closeStores() throws InterruptedException {
		this.opened.forEach(LeaseStore::close);
		this.threads.shutdown();
		assertThat(this.threads.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void anElectionThatNobodyKnowsIsUnclaimed() throws Exception {
		assertThat(read(store(), this.election)).isEqualTo(unclaimed(this.election));
	}

	@Test
	void anUnclaimedElectionIsAcquired() throws Exception {
		LeaseStore store = store();
		Self self = candidate();
		Lease lease = acquire(store, self);
		assertThat(lease.election()).isEqualTo(this.election);
		assertThat(lease.nonce()).isEqualTo(self.nonce());
		assertThat(lease.term()).isPositive();
		assertThat(taken(store, this.election).lease()).isEqualTo(lease);
	}

	@Test
	void theRecordTellsWhatTheHolderSaysAboutItself() throws Exception {
		LeaseStore store = store();
		Map<String, String> attributes = Map.of("url", "http://a:1/?b=c&d", "ünï \"'\\{}", "x=y;\n€ 😀", "empty", "");
		Self self = new Self(this.election, UUID.randomUUID().toString(), "node 'a' \"ü\" 😀 \\", attributes);
		acquire(store, self);
		LeaseRecord.Taken record = taken(store(), this.election);
		assertThat(record.candidateId()).isEqualTo(self.candidateId());
		assertThat(record.attributes()).isEqualTo(attributes);
		assertThat(record.since()).isPositive();
	}

	@Test
	void aClaimIsRefusedIfAnotherTookTheLeaseSince() throws Exception {
		Lease lease = acquire(store(), candidate());
		assertRefused(acquire(store(), claim(candidate(), unclaimed(this.election))), lease);
	}

	@Test
	void aRenewalChangesTheRevisionAndKeepsTheTerm() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		for (int i = 0; i < 3; i++) {
			Lease renewed = renew(store, lease);
			assertThat(renewed.nonce()).isEqualTo(lease.nonce());
			assertThat(renewed.term()).isEqualTo(lease.term());
			assertThat(renewed.revision()).isGreaterThan(lease.revision());
			assertHolds(store, renewed);
			lease = renewed;
		}
	}

	@Test
	void aRenewalComparesNonceAndTerm() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		for (Lease other : List.of(new Lease(this.election, "another", lease.term(), lease.revision()),
				new Lease(this.election, lease.nonce(), lease.term() - 1, lease.revision()))) {
			assertRefused(store.renew(List.of(other)).get(this.election), lease);
		}
	}

	@Test
	void aRenewalOfWhatIsNotThereIsRefused() throws Exception {
		Lease lease = new Lease(this.election, "nobody", 1, 1);
		assertThat(store().renew(List.of(lease)).get(this.election))
			.isEqualTo(new Answer.Refused(unclaimed(this.election)));
	}

	@Test
	void aReleasedLeaseIsVacantAndAcquiredWithAHigherTerm() throws Exception {
		LeaseStore store = store();
		Lease lease = renew(store, acquire(store, candidate()));
		assertReleased(store, lease);
		assertThat(read(store, this.election)).isInstanceOfSatisfying(LeaseRecord.Vacant.class,
				(vacant) -> assertThat(vacant.lease().nonce()).isEmpty());
		assertThat(acquire(store(), candidate()).term()).isGreaterThan(lease.term());
	}

	@Test
	void aReleaseHeedsNonceAndTermButNotTheRevision() throws Exception {
		LeaseStore store = store();
		Lease first = acquire(store, candidate());
		renew(store, first);
		assertReleased(store, first);
		assertThat(read(store, this.election)).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void aReleaseLeavesTheRecordOfAnotherAlone() throws Exception {
		LeaseStore store = store();
		Self self = candidate();
		Lease former = acquire(store, self);
		Lease lease = acquire(store, candidate());
		assertReleased(store, former);
		assertReleased(store, new Lease(this.election, self.nonce(), lease.term(), lease.revision()));
		assertReleased(store, new Lease(this.election, lease.nonce(), former.term(), lease.revision()));
		assertHolds(store, lease);
	}

	@Test
	void aSecondReleaseChangesNothing() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		assertReleased(store, lease);
		LeaseRecord vacant = read(store, this.election);
		assertReleased(store, lease);
		assertThat(read(store, this.election)).isEqualTo(vacant);
	}

	@Test
	void aReleasedLeaseIsNotRenewed() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		assertReleased(store, lease);
		assertThat(store.renew(List.of(lease)).get(this.election)).isInstanceOfSatisfying(Answer.Refused.class,
				(refused) -> assertThat(refused.record()).isInstanceOf(LeaseRecord.Vacant.class));
	}

	@Test
	void namesAreComparedByTheirCharacters() throws Exception {
		List<String> suffixes = List.of("Job", "job", "a", "a/b", "a/", "a.b", "a%", "a_", "*", ">", "'quoted'",
				"\"quoted\"", "`x`", "\\", "$1", "?", "{a,b}", "NULL", "é", "e\u0301", "ß", "ss", "名前", "😀", "job ",
				" job");
		List<String> elections = suffixes.stream().map((suffix) -> this.election + suffix).toList();
		elections.forEach(backend()::checkName);
		LeaseStore store = store();
		for (int i = 0; i < elections.size(); i++) {
			assertThat(read(store, elections.get(i))).as(elections.get(i)).isEqualTo(unclaimed(elections.get(i)));
			acquire(store, candidate(elections.get(i)));
		}
		Map<String, LeaseRecord> records = store.read(elections);
		assertThat(records).containsOnlyKeys(elections);
		records.forEach(
				(election, record) -> assertThat(((LeaseRecord.Taken) record).lease().election()).isEqualTo(election));
	}

	@Test
	void namesThatCannotBeKeptAreRefused() {
		Backend backend = backend();
		backend.checkName("x".repeat(200));
		for (String name : List.of("", "x".repeat(300), "line\nbreak", "nul\0", "half \uD83D")) {
			assertThatIllegalArgumentException().isThrownBy(() -> backend.checkName(name))
				.withMessageContaining("name of an election");
		}
	}

	@Test
	void theLongestNameIsKept() throws Exception {
		String longest = this.election + "€".repeat(200 - this.election.length());
		backend().checkName(longest);
		LeaseStore store = store();
		Lease lease = acquire(store, candidate(longest));
		assertThat(renew(store, lease).election()).isEqualTo(longest);
	}

	@Test
	void manyElectionsAreServedAtOnce() throws Exception {
		LeaseStore store = store();
		String nonce = UUID.randomUUID().toString();
		List<String> elections = IntStream.range(0, 1000).mapToObj((i) -> this.election + "-" + i).toList();
		assertThat(store.read(elections)).containsOnlyKeys(elections)
			.allSatisfy((election, record) -> assertThat(record).isEqualTo(unclaimed(election)));
		List<Claim> claims = elections.stream()
			.map((election) -> claim(new Self(election, nonce, "node", Map.of()), unclaimed(election)))
			.toList();
		List<Lease> leases = leases(store.acquire(claims));
		assertThat(leases).extracting(Lease::election).containsExactlyInAnyOrderElementsOf(elections);
		List<Lease> renewed = leases(store.renew(leases));
		assertThat(renewed).extracting(Lease::election).containsExactlyInAnyOrderElementsOf(elections);
		assertThat(store.read(elections)).containsOnlyKeys(elections)
			.allSatisfy(
					(election, record) -> assertThat(((LeaseRecord.Taken) record).lease().nonce()).isEqualTo(nonce));
		assertThat(store.release(renewed)).containsOnlyKeys(elections)
			.allSatisfy((election, answer) -> assertThat(answer).isEqualTo(new Answer.Released()));
		assertThat(store.read(elections).values()).hasOnlyElementsOfType(LeaseRecord.Vacant.class);
	}

	@Test
	void eachElectionOfABatchHasItsOwnAnswer() throws Exception {
		LeaseStore store = store();
		String taken = this.election + " taken";
		String vacant = this.election + " vacant";
		String vanished = this.election + " vanished";
		Lease other = acquire(store(), candidate(taken));
		assertReleased(store, acquire(store, candidate(vacant)));
		acquire(store, candidate(vanished));
		deleteRecord(vanished);
		Map<String, Answer> answers = store
			.acquire(List.of(claim(candidate(), unclaimed(this.election)), claim(candidate(taken), read(store, vacant)),
					claim(candidate(vacant), read(store, vacant)), claim(candidate(vanished), read(store, vanished))));
		assertThat(answers).containsOnlyKeys(this.election, taken, vacant, vanished);
		assertRefused(answers.get(taken), other);
		Lease own = lease(answers.get(this.election));
		Map<String, Answer> renewals = store
			.renew(List.of(own, lease(answers.get(vacant)), lease(answers.get(vanished)), new Lease(taken, "x", 1, 1)));
		assertRefused(renewals.get(taken), other);
		assertThat(leases(Map.of(this.election, renewals.get(this.election), vacant, renewals.get(vacant), vanished,
				renewals.get(vanished))))
			.hasSize(3);
	}

	@Test
	void nothingIsAskedForNothing() throws Exception {
		LeaseStore store = store();
		assertThat(store.read(List.of())).isEmpty();
		assertThat(store.acquire(List.of())).isEmpty();
		assertThat(store.renew(List.of())).isEmpty();
		assertThat(store.release(List.of())).isEmpty();
	}

	@Test
	void ofManyCandidatesOneAcquires() throws Exception {
		List<LeaseStore> stores = IntStream.range(0, 8).mapToObj((i) -> store()).toList();
		long term = 0;
		for (int round = 0; round < 10; round++) {
			LeaseRecord seen = read(stores.get(0), this.election);
			List<Answer> answers = together(stores, (store) -> acquire(store, claim(candidate(), seen)));
			assertThat(answers).filteredOn((answer) -> answer instanceof Answer.Held).hasSize(1);
			assertThat(answers).hasOnlyElementsOfTypes(Answer.Held.class, Answer.Refused.class, Answer.Busy.class);
			Lease lease = taken(stores.get(0), this.election).lease();
			assertThat(answers).contains(new Answer.Held(lease));
			assertThat(lease.term()).isGreaterThan(term);
			term = lease.term();
			for (LeaseStore store : stores) { // the winner's among them
				assertReleased(store, lease);
			}
		}
	}

	@Test
	void ofManyCandidatesOneAcquiresEachElectionOfABatch() throws Exception {
		List<LeaseStore> stores = IntStream.range(0, 8).mapToObj((i) -> store()).toList();
		List<String> elections = IntStream.range(0, 100).mapToObj((i) -> this.election + "-" + i).toList();
		for (int round = 0; round < 3; round++) {
			List<Lease> won = acquireTogether(stores, elections);
			assertThat(stores.get(0).read(elections).values())
				.extracting((record) -> ((LeaseRecord.Taken) record).lease())
				.containsExactlyInAnyOrderElementsOf(won);
			for (LeaseStore store : stores) { // the winners' among them
				store.release(won);
			}
		}
	}

	@Test
	void theRosterListsWhoTakesPart() throws Exception {
		LeaseStore store = store();
		String other = this.election + " other";
		Map<String, String> attributes = Map.of("zone", "b & ü", "=", "");
		store.register(registration("one", "node-1", attributes, this.election, other));
		store().register(registration("two", "node-2", Map.of(), this.election));
		assertThat(store.candidates(this.election)).extracting(RosterEntry::candidateId)
			.containsExactlyInAnyOrder("node-1", "node-2");
		assertThat(store.candidates(other)).singleElement().satisfies((entry) -> {
			assertThat(entry.nonce()).isEqualTo(nonce("one"));
			assertThat(entry.candidateId()).isEqualTo("node-1");
			assertThat(entry.attributes()).isEqualTo(attributes);
			assertThat(entry.lastSeen()).isNotNull();
		});
		assertThat(store.candidates(this.election + " nobody")).isEmpty();
	}

	@Test
	void aCandidateEntersFurtherElections() throws Exception {
		LeaseStore store = store();
		String other = this.election + " other";
		store.register(registration("one", "node-1", Map.of(), this.election));
		store.register(registration("one", "node-1", Map.of(), other));
		store.register(registration("one", "node-1", Map.of(), this.election, other));
		store.register(registration("one", "node-1", Map.of(), this.election, other));
		assertThat(store.candidates(this.election)).hasSize(1);
		assertThat(store.candidates(other)).hasSize(1);
	}

	@Test
	void aRosterEntryIsChanged() throws Exception {
		LeaseStore store = store();
		store.register(registration("one", "node-1", Map.of("a", "b"), this.election));
		store.register(registration("one", "node-1", Map.of("a", "c"), this.election));
		assertThat(store.candidates(this.election)).singleElement()
			.satisfies((entry) -> assertThat(entry.attributes()).isEqualTo(Map.of("a", "c")));
	}

	@Test
	void whoeverUnregistersIsGoneAtOnceFromTheElectionsItLeaves() throws Exception {
		LeaseStore store = store();
		String other = this.election + " other";
		store.register(registration("one", "node-1", Map.of(), this.election, other));
		store.unregister(registration("one", "node-1", Map.of(), this.election));
		assertThat(store.candidates(this.election)).isEmpty();
		assertThat(store.candidates(other)).hasSize(1);
		store.unregister(registration("one", "node-1", Map.of(), other));
		assertThat(store.candidates(other)).isEmpty();
		store.register(registration("one", "node-1", Map.of(), this.election));
		assertThat(store.candidates(this.election)).hasSize(1);
	}

	@Test
	void aRosterEntryThatIsNotRepeatedIsGone() throws Exception {
		LeaseStore store = store();
		LeaseStore other = store();
		store.register(registration("one", "node-1", Map.of(), this.election));
		other.register(registration("two", "node-2", Map.of(), this.election));
		pass(KEEP.multipliedBy(2));
		store.register(registration("one", "node-1", Map.of(), this.election));
		assertThat(store.candidates(this.election)).hasSize(2);
		pass(KEEP.multipliedBy(3).dividedBy(2).plus(lateness()));
		assertThat(store.candidates(this.election)).extracting(RosterEntry::candidateId).containsExactly("node-1");
		other.register(registration("two", "node-2", Map.of(), this.election));
		assertThat(store.candidates(this.election)).hasSize(2);
	}

	/** A store whose hints tell of less says in its own test of what they tell. */
	@Test
	protected void hintsTellOfTakeOversAndReleases() throws Exception {
		LeaseStore watching = store();
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		Future<Boolean> watch = this.threads.submit(() -> watching.watch(hints::add));
		assertThat(hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).as("after the connection was made").isEqualTo(Hint.ANY);
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		awaitHint(hints, this.election);
		assertReleased(store, lease);
		Hint vacated = awaitHint(hints, this.election);
		if (vacated.vacated() != null) {
			assertThat(vacated.vacated()).isEqualTo(read(store, this.election));
		}
		acquire(store, candidate());
		assertThat(awaitHint(hints, this.election).vacated()).isNull();
		assertThat(watch).isNotDone();
	}

	@Test
	void closingEndsAWatch() throws Exception {
		LeaseStore store = store();
		CompletableFuture<Hint> watching = new CompletableFuture<>();
		Future<Boolean> watch = this.threads.submit(() -> store.watch(watching::complete));
		watching.get(LIMIT_SECONDS, TimeUnit.SECONDS);
		store.close();
		assertThat(watch.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aStoreThatWasNeverUsedIsClosed() {
		LeaseStore store = store();
		store.close();
		store.close();
	}

	@Test
	void closingReleasesNothing() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		store.close();
		assertHolds(store(), lease);
	}

	@Test
	void aClosedStoreAnswersNoMore() {
		LeaseStore store = store();
		store.close();
		assertThatException().isThrownBy(() -> store.read(List.of(this.election)));
	}

	@Test
	void afterAFailureTheNextCallWorks() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		breakConnections();
		catchException(() -> store.read(List.of(this.election)));
		assertHolds(store, lease);
		renew(store, lease);
	}

	protected final LeaseStore store() {
		LeaseStore store = backend().open(REQUEST_TIMEOUT);
		this.opened.add(store);
		return store;
	}

	protected final Self candidate() {
		return candidate(this.election);
	}

	protected static Self candidate(String election) {
		return new Self(election, UUID.randomUUID().toString(), "node", Map.of());
	}

	protected static Claim claim(Self candidate, LeaseRecord seen) {
		return new Claim(candidate, TIMING, seen, seen.term());
	}

	protected static LeaseRecord read(LeaseStore store, String election) throws Exception {
		Map<String, LeaseRecord> records = store.read(List.of(election));
		assertThat(records).containsOnlyKeys(election);
		return records.get(election);
	}

	protected static LeaseRecord.Taken taken(LeaseStore store, String election) throws Exception {
		LeaseRecord record = read(store, election);
		assertThat(record).isInstanceOf(LeaseRecord.Taken.class);
		return (LeaseRecord.Taken) record;
	}

	/** Whether renewals show in the record is for other tests to say. */
	protected static void assertHolds(LeaseStore store, Lease lease) throws Exception {
		Lease read = taken(store, lease.election()).lease();
		assertThat(read.nonce()).isEqualTo(lease.nonce());
		assertThat(read.term()).isEqualTo(lease.term());
	}

	protected static Answer acquire(LeaseStore store, Claim claim) throws Exception {
		Map<String, Answer> answers = store.acquire(List.of(claim));
		assertThat(answers).containsOnlyKeys(claim.election());
		return answers.get(claim.election());
	}

	/**
	 * Reads the record and claims it. Where leases do not end by time, nobody else may
	 * hold it.
	 */
	protected static Lease acquire(LeaseStore store, Self candidate) throws Exception {
		return lease(acquire(store, claim(candidate, read(store, candidate.election()))));
	}

	protected static Lease renew(LeaseStore store, Lease lease) throws Exception {
		Map<String, Answer> answers = store.renew(List.of(lease));
		assertThat(answers).containsOnlyKeys(lease.election());
		return lease(answers.get(lease.election()));
	}

	protected static Lease lease(Answer answer) {
		assertThat(answer).isInstanceOf(Answer.Held.class);
		return ((Answer.Held) answer).lease();
	}

	protected static List<Lease> leases(Map<String, Answer> answers) {
		return answers.values().stream().map(LeaseStoreContract::lease).toList();
	}

	protected static void assertReleased(LeaseStore store, Lease lease) throws Exception {
		assertThat(store.release(List.of(lease))).isEqualTo(Map.of(lease.election(), new Answer.Released()));
	}

	protected static void assertRefused(Answer answer, Lease holder) {
		assertThat(answer).isInstanceOfSatisfying(Answer.Refused.class, (refused) -> assertThat(refused.record())
			.isInstanceOfSatisfying(LeaseRecord.Taken.class, (held) -> assertThat(held.lease()).isEqualTo(holder)));
	}

	private String nonce(String candidate) {
		return candidate + "@" + this.election;
	}

	private Registration registration(String candidate, String candidateId, Map<String, String> attributes,
			String... elections) {
		return new Registration(nonce(candidate), candidateId, attributes, Set.of(elections), KEEP);
	}

	/** There may be more hints than there were changes. */
	protected static Hint awaitHint(BlockingQueue<Hint> hints, String election) throws InterruptedException {
		Hint hint = hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
		while (hint != null && !hint.election().equals(election)) {
			hint = hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
		}
		assertThat(hint).as("hint of " + election).isNotNull();
		return hint;
	}

	/** Makes all stores claim all elections at the same time. */
	protected final List<Lease> acquireTogether(List<LeaseStore> stores, List<String> elections) throws Exception {
		Map<String, LeaseRecord> seen = stores.get(0).read(elections);
		List<Map<String, Answer>> answers = together(stores, (store) -> {
			List<String> shuffled = new ArrayList<>(elections);
			Collections.shuffle(shuffled);
			return store.acquire(shuffled.stream().map((name) -> claim(candidate(name), seen.get(name))).toList());
		});
		return answers.stream()
			.flatMap((batch) -> batch.values().stream())
			.filter(Answer.Held.class::isInstance)
			.map(LeaseStoreContract::lease)
			.toList();
	}

	/** Makes all stores do the same at the same time. */
	protected final <T> List<T> together(List<LeaseStore> stores, Use<T> use) throws Exception {
		CyclicBarrier start = new CyclicBarrier(stores.size());
		List<Callable<T>> calls = new ArrayList<>();
		for (LeaseStore store : stores) {
			calls.add(() -> {
				start.await(LIMIT_SECONDS, TimeUnit.SECONDS);
				return use.of(store);
			});
		}
		List<T> results = new ArrayList<>();
		for (Future<T> future : this.threads.invokeAll(calls)) {
			results.add(future.get());
		}
		return results;
	}

	/** A call to a store. */
	@FunctionalInterface
	protected interface Use<T> {

		T of(LeaseStore store) throws Exception;

	}

}
