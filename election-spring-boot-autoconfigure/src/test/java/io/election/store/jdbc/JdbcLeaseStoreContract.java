package io.election.store.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.store.Backend;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.TimedLeaseStoreContract;
import io.election.store.jdbc.Database.Lock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What stores promise beyond the contract of all stores if they keep leases in tables.
 */
abstract class JdbcLeaseStoreContract extends TimedLeaseStoreContract {

	abstract Database database();

	@Override
	protected Backend backend() {
		return new JdbcBackend(database().settings());
	}

	@Override
	protected void deleteRecord(String election) throws Exception {
		database().deleteRecord(election);
	}

	@Override
	protected void touchRecord(String election) throws Exception {
		database().touchRecord(election);
	}

	@Override
	protected void pass(Duration time) {
		database().pass(time);
	}

	@Override
	protected void breakConnections() throws Exception {
		database().terminateSessions();
	}

	@Test
	void tenThousandElectionsAreServed() throws Exception {
		LeaseStore store = store();
		String nonce = name();
		List<Claim> claims = IntStream.range(0, 10_000)
			.mapToObj((i) -> claim(new Self(nonce + i, nonce, "node", Map.of()), new LeaseRecord.Absent()))
			.toList();
		List<Lease> leases = store.acquire(claims).values().stream().map(TimedLeaseStoreContract::lease).toList();
		assertThat(store.renew(leases)).hasSize(10_000)
			.allSatisfy((election, answer) -> assertThat(answer).isInstanceOf(Answer.Held.class));
	}

	@Test
	void aLeaseThatSomebodyElseLocksDoesNotHoldUpOthers() throws Exception {
		LeaseStore store = store();
		Lease locked = acquire(store, candidate(name()));
		Lease other = acquire(store, candidate(name()));
		Lease vacant = acquire(store, candidate(name()));
		assertReleased(store, vacant);
		LeaseRecord seen = read(store, locked.election());
		try (Lock foreign = database().lock("election_lease", locked.election())) {
			Map<String, Answer> renewals = store.renew(List.of(locked, other));
			assertThat(renewals.get(other.election())).isInstanceOf(Answer.Held.class);
			assertThat(renewals.get(locked.election())).isInstanceOfSatisfying(Answer.Refused.class,
					(refused) -> assertThat(refused.record().isSameAs(seen)).isTrue());
			Map<String, Answer> claims = store.acquire(List.of(claim(candidate(locked.election()), seen),
					claim(candidate(vacant.election()), read(store, vacant.election()))));
			assertThat(claims.get(locked.election())).isEqualTo(new Answer.Busy());
			assertThat(claims.get(vacant.election())).isInstanceOf(Answer.Held.class);
			assertThat(store.release(List.of(locked, other)))
				.isEqualTo(Map.of(other.election(), new Answer.Released()));
		}
		assertReleased(store, locked);
	}

	@Test
	void aFenceThatAnApplicationLocksKeepsOutOthersButNotTheHolder() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate(name()));
		Lease other = acquire(store, candidate(name()));
		try (Lock application = database().lock("election_fence", lease.election())) {
			Lease renewed = renew(store, lease);
			LeaseRecord seen = read(store, lease.election());
			Map<String, Answer> claims = store.acquire(List.of(claim(candidate(lease.election()), seen),
					claim(candidate(other.election()), read(store, other.election()))));
			assertThat(claims.get(lease.election())).isEqualTo(new Answer.Busy());
			assertThat(claims.get(other.election())).isInstanceOf(Answer.Held.class);
			assertReleased(store, renewed);
			assertThat(acquire(store, claim(candidate(lease.election()), read(store, lease.election()))))
				.isEqualTo(new Answer.Busy());
		}
		assertThat(acquire(store, candidate(lease.election())).term()).isGreaterThan(lease.term());
	}

	@Test
	void aRosterEntryThatSomebodyElseLocksHoldsUpNothing() throws Exception {
		LeaseStore store = store();
		String election = name();
		Registration registration = new Registration(name(), "node", Map.of(), Set.of(election),
				Duration.ofSeconds(15));
		store.register(registration);
		try (Lock foreign = database().lock("SELECT * FROM election_candidate FOR UPDATE")) {
			store.register(registration);
			store().register(registration);
			store.unregister(registration);
		}
		assertThat(store.candidates(election)).hasSize(1);
		store.unregister(registration);
		assertThat(store.candidates(election)).isEmpty();
	}

	@Test
	void theTokenIsHigherThanThatOfTheFence() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate(name()));
		database().update("UPDATE election_fence SET term = 4711 WHERE name = ?", lease.election());
		assertThat(acquire(store, candidate(lease.election())).term()).isEqualTo(4712);
		deleteRecord(lease.election());
		assertThat(acquire(store, candidate(lease.election())).term()).isEqualTo(4713);
	}

	@Test
	void aFenceThatWasDeletedIsReplaced() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate(name()));
		database().update("DELETE FROM election_fence WHERE name = ?", lease.election());
		Claim claim = claim(candidate(lease.election()), read(store, lease.election()));
		assertThat(acquire(store, claim)).isEqualTo(new Answer.Busy());
		assertThat(lease(acquire(store, claim)).term()).isGreaterThan(lease.term());
	}

	@Test
	void theFenceOfACandidateThatCameNoFurtherIsNoRecord() throws Exception {
		LeaseStore store = store();
		acquire(store, candidate(name()));
		String election = name();
		database().update("INSERT INTO election_fence (name, term, lease_ms) VALUES (?, 0, 0)", election);
		assertThat(read(store, election)).isEqualTo(new LeaseRecord.Absent());
		assertThat(acquire(store, candidate(election)).term()).isEqualTo(1);
	}

	@Test
	void amongConstantRivalsEveryTermAndEveryRevisionHasOneHolder() throws Exception {
		List<String> elections = IntStream.range(0, 10).mapToObj((i) -> name()).toList();
		String deleted = elections.get(0);
		Queue<Lease> acquired = new ConcurrentLinkedQueue<>();
		Queue<Lease> renewed = new ConcurrentLinkedQueue<>();
		List<LeaseStore> stores = IntStream.range(0, 8).mapToObj((i) -> store()).toList();
		together(stores, (store) -> {
			Random random = new Random(stores.indexOf(store));
			Map<String, Lease> own = new HashMap<>();
			for (int round = 0; round < 100; round++) {
				List<Claim> claims = new ArrayList<>();
				store.read(some(elections, random))
					.forEach((election, seen) -> claims.add(claim(candidate(election), seen)));
				own.putAll(held(store.acquire(claims), acquired));
				own = held(store.renew(List.copyOf(own.values())), renewed);
				store.release(some(List.copyOf(own.values()), random));
				if (random.nextInt(10) == 0) {
					database().server().execute("DELETE FROM election_lease WHERE name = '" + deleted + "'");
				}
			}
			return true;
		});
		assertThat(acquired).hasSizeGreaterThan(500);
		assertThat(renewed).hasSizeGreaterThan(500);
		assertThat(acquired).extracting(Lease::election, Lease::term).doesNotHaveDuplicates();
		assertThat(acquired).doesNotContainAnyElementsOf(renewed);
		assertThat(renewed).doesNotHaveDuplicates();
		for (String election : elections) {
			long fence = Long.parseLong(String
				.valueOf(database().server().query("SELECT term FROM election_fence WHERE name = '" + election + "'")));
			long highest = acquired.stream()
				.filter((lease) -> lease.election().equals(election))
				.mapToLong(Lease::term)
				.max()
				.orElse(0);
			if (election.equals(deleted)) {
				// What was taken may have been deleted before its taker had read it
				assertThat(fence).isGreaterThanOrEqualTo(highest);
			}
			else {
				assertThat(fence).as(election).isEqualTo(highest);
			}
		}
	}

	private static <T> List<T> some(List<T> all, Random random) {
		return all.stream().filter((one) -> random.nextInt(3) == 0).toList();
	}

	private static Map<String, Lease> held(Map<String, Answer> answers, Queue<Lease> all) {
		Map<String, Lease> held = new HashMap<>();
		answers.forEach((election, answer) -> {
			if (answer instanceof Answer.Held mine) {
				held.put(election, mine.lease());
			}
		});
		all.addAll(held.values());
		return held;
	}

	@Test
	void expiredRosterEntriesAreRemovedByWhoeverEnters() throws Exception {
		LeaseStore store = store();
		String election = name();
		String crashed = name();
		store.register(new Registration(crashed, "node", Map.of(), Set.of(election), Duration.ofSeconds(1)));
		pass(Duration.ofSeconds(4));
		store.register(new Registration(name(), "node", Map.of(), Set.of(election), Duration.ofSeconds(1)));
		assertThat(database().server().query("SELECT count(*) FROM election_candidate WHERE nonce = '" + crashed + "'"))
			.isEqualTo("0");
	}

	@Test
	void garbageInTheAttributesHidesNothing() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate(name()));
		database().update("UPDATE election_lease SET attributes = 'a=100%&nothing&b=c' WHERE name = ?",
				lease.election());
		assertThat(held(store, lease.election()).attributes()).isEqualTo(Map.of("a", "100%", "b", "c"));
	}

	static String name() {
		return UUID.randomUUID().toString();
	}

}
