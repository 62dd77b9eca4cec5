package io.election.store.nats;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import io.election.OnEachVersion;
import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.store.Backend;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.TimedLeaseStoreContract;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * The contract of stores on NATS, and what NATS promises beyond it.
 */
@OnEachVersion(NatsVersion.class)
class NatsLeaseStoreIT extends TimedLeaseStoreContract {

	private static @Nullable NatsServer server;

	/** Closed after the stores. */
	@AutoClose
	private final FaultProxy proxy = FaultProxy.to(server().port());

	private final NatsSettings settings = Operator.settings(server().url(this.proxy));

	@AutoClose
	private final Operator operator = new Operator(Operator.settings(server().url()));

	private long deletedAt;

	NatsLeaseStoreIT(NatsVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(NatsVersion version) {
		server = new NatsServer(version).start();
	}

	@AfterParameterizedClassInvocation
	static void nothingWasLoggedAsAnError() {
		try (NatsServer ended = server()) {
			assertThat(ended.logErrors()).isEmpty();
		}
	}

	private static NatsServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	@Override
	protected Backend backend() {
		return new NatsBackend(this.settings);
	}

	@Override
	protected void touchRecord(String election) throws Exception {
		this.operator.touch(election);
	}

	@Override
	protected void deleteRecord(String election) throws Exception {
		this.deletedAt = this.operator.delete(election);
	}

	/** There is no fence, but every token so far is lower than the revision. */
	@Override
	protected LeaseRecord.Vanished vanished(Lease former) {
		assertThat(this.deletedAt).isGreaterThan(former.term());
		return new LeaseRecord.Vanished(this.deletedAt, Duration.ZERO);
	}

	@Override
	protected void pass(Duration time) throws InterruptedException {
		Thread.sleep(time.toMillis());
	}

	@Override
	protected void breakConnections() {
		this.proxy.reset();
	}

	@Test
	void tokensRiseAfterADeletionWhereRevisionsGoOnFromTheFirstToken() throws Exception {
		long first = 5_000_000;
		LeaseStore store = store();
		acquire(store, candidate());
		this.operator.goOnFrom(first);
		LeaseStore other = store();
		Claim claim = new Claim(candidate(), TIMING, read(other, this.election), first - 1);
		Lease lease = lease(acquire(other, claim));
		assertThat(lease.term()).isEqualTo(first);
		deleteRecord(this.election);
		assertThat(acquire(store(), candidate()).term()).isGreaterThan(first);
	}

	@Test
	void bucketsAreCreatedIfTheyAreMissing() throws Exception {
		NatsSettings other = Operator.settings("shop", server().url(this.proxy));
		try (LeaseStore store = new NatsBackend(other).open(REQUEST_TIMEOUT);
				Operator shop = new Operator(Operator.settings("shop", server().url()))) {
			lease(acquire(store, claim(candidate(), new LeaseRecord.Absent())));
			store.register(new Registration("one", "node", Map.of(), Set.of(this.election), KEEP));
			assertThat(shop.stream(other.leases().bucket())).satisfies((stream) -> {
				assertThat(stream.getStorageType()).isEqualTo(StorageType.File);
				assertThat(stream.getMaxMsgsPerSubject()).isEqualTo(1);
				assertThat(stream.getMaxAge()).isZero();
				assertThat(stream.getAllowDirect()).isFalse();
			});
			assertThat(shop.stream(other.candidates().bucket()).getMaxAge()).isEqualTo(Duration.ofHours(3));
		}
		assertThat(read(store(), this.election)).isEqualTo(new LeaseRecord.Absent());
	}

	@Test
	void aBucketThatCannotBeUsedIsExplained() throws Exception {
		this.operator.createStream(StreamConfiguration.builder()
			.name("KV_expiring")
			.subjects("$KV.expiring.>")
			.maxMessagesPerSubject(1)
			.discardPolicy(DiscardPolicy.New)
			.maxAge(Duration.ofSeconds(20))
			.build());
		try (LeaseStore store = new NatsBackend(Operator.settings("expiring", server().url(this.proxy)))
			.open(REQUEST_TIMEOUT)) {
			assertThatException().isThrownBy(() -> store.read(List.of(this.election)))
				.withMessage("NATS at " + server().url(this.proxy)
						+ " fails: The bucket 'expiring' cannot be used: it has a time to live of 20 s, after which "
						+ "records would be gone, but must have none. Change it, or set election.nats.bucket to "
						+ "another");
		}
	}

	@Test
	void callsTakeAMessageForEachElection() throws Exception {
		LeaseStore store = store();
		List<String> elections = IntStream.range(0, 50).mapToObj((i) -> this.election + "-" + i).toList();
		List<Claim> claims = elections.stream()
			.map((name) -> claim(candidate(name), new LeaseRecord.Absent()))
			.toList();
		Registration registration = new Registration("process", "node", Map.of(), Set.copyOf(elections), KEEP);
		store.register(registration);
		List<Lease> leases = new ArrayList<>();
		assertMessages(50, () -> leases.addAll(leases(store.acquire(claims))));
		assertMessages(50, () -> store.read(elections));
		List<Lease> renewed = new ArrayList<>();
		assertMessages(50, () -> renewed.addAll(leases(store.renew(leases))));
		assertMessages(1, () -> store.register(registration));
		assertMessages(1, () -> store.candidates(this.election));
		assertMessages(50, () -> store.release(renewed));
		assertMessages(1, () -> store.unregister(registration));
	}

	@Test
	void whoeverWatchesReadsWithoutAMessage() throws Exception {
		LeaseStore watching = store();
		try (Watcher watcher = new Watcher(watching)) {
			watcher.awaitHint("");
			LeaseStore store = store();
			Self self = new Self(this.election, "nonce", "node", Map.of("zone", "b"));
			Lease lease = renew(store, acquire(store, self));
			await().until(() -> taken(watching, this.election).lease().equals(lease));
			LeaseRecord.Held direct = held(store, this.election);
			assertMessages(0, () -> {
				for (int i = 0; i < 100; i++) {
					assertThat(held(watching, this.election)).usingRecursiveComparison()
						.ignoringFields("age")
						.isEqualTo(direct);
					assertThat(read(watching, this.election + " nobody")).isEqualTo(new LeaseRecord.Absent());
				}
			});
			assertReleased(store, lease);
			await().until(() -> read(watching, this.election) instanceof LeaseRecord.Vacant);
			deleteRecord(this.election);
			await().until(() -> read(watching, this.election).equals(vanished(lease)));
		}
	}

	@Test
	void aWatchGoesOnWhileNothingChanges() throws Exception {
		LeaseStore watching = store();
		try (Watcher watcher = new Watcher(watching)) {
			watcher.awaitHint("");
			pass(Watching.PATIENCE.multipliedBy(2));
			assertThat(watcher.isWatching()).isTrue();
			assertMessages(0, () -> read(watching, this.election));
		}
	}

	@Test
	void theRecordThatAWatchToldOfIsAsOldAsThat() throws Exception {
		LeaseStore watching = store();
		try (Watcher watcher = new Watcher(watching)) {
			watcher.awaitHint("");
			acquire(store(), candidate());
			watcher.awaitHint(this.election);
			pass(Duration.ofMillis(700));
			assertThat(held(watching, this.election).age()).isBetween(Duration.ofMillis(700), Duration.ofSeconds(20));
		}
	}

	@Test
	void whoeverWatchesReadsWhatItHasWritten() throws Exception {
		LeaseStore store = store();
		try (Watcher watcher = new Watcher(store)) {
			watcher.awaitHint("");
			Self self = candidate();
			for (int i = 0; i < 50; i++) {
				Lease lease = renew(store, acquire(store, self));
				assertThat(taken(store, this.election).lease()).isEqualTo(lease);
				assertReleased(store, lease);
				assertThat(read(store, this.election)).isInstanceOf(LeaseRecord.Vacant.class);
			}
		}
	}

	@Test
	void aWatchThatWasNotToldOfAPurgeIsNotBelieved() throws Exception {
		LeaseStore store = store();
		try (Watcher watcher = new Watcher(store)) {
			watcher.awaitHint("");
			Lease lease = acquire(store, candidate());
			this.operator.purge(this.election);
			assertThat(store.renew(List.of(lease)).get(this.election))
				.isEqualTo(new Answer.Refused(new LeaseRecord.Absent()));
			assertThat(read(store, this.election)).isEqualTo(new LeaseRecord.Absent());
			assertThat(watcher.end()).hasMessageContaining("NATS has not sent all changes");
			assertThat(acquire(store, candidate()).term()).isGreaterThan(lease.term());
		}
	}

	@Test
	void aStreamThatWasDeletedIsCreatedAnewAndTokensStillRise() throws Exception {
		NatsSettings other = Operator.settings("deleted", server().url(this.proxy));
		try (LeaseStore store = new NatsBackend(other).open(REQUEST_TIMEOUT)) {
			Lease lease = renew(store, acquire(store, new Self(this.election, "a", "node", Map.of())));
			this.operator.deleteStream(other.leases().bucket());
			assertThatException().isThrownBy(() -> store.renew(List.of(lease)));
			assertThat(store.renew(List.of(lease)).get(this.election))
				.isEqualTo(new Answer.Refused(new LeaseRecord.Absent()));
			Answer answer = acquire(store, new Claim(candidate(), TIMING, new LeaseRecord.Absent(), lease.term()));
			assertThat(lease(answer).term()).isGreaterThan(lease.term());
		}
	}

	@Test
	void amongConstantRivalsEveryTermAndEveryRevisionHasOneHolder() throws Exception {
		List<String> elections = IntStream.range(0, 10).mapToObj((i) -> this.election + "-" + i).toList();
		Queue<Lease> acquired = new ConcurrentLinkedQueue<>();
		Queue<Lease> renewed = new ConcurrentLinkedQueue<>();
		List<LeaseStore> stores = IntStream.range(0, 8).mapToObj((i) -> store()).toList();
		List<Watcher> watchers = stores.subList(0, 4).stream().map(Watcher::new).toList();
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
			}
			return true;
		});
		assertThat(acquired).hasSizeGreaterThan(500);
		assertThat(renewed).hasSizeGreaterThan(500);
		assertThat(acquired).extracting(Lease::election, Lease::term).doesNotHaveDuplicates();
		assertThat(acquired).doesNotContainAnyElementsOf(renewed);
		assertThat(renewed).doesNotHaveDuplicates();
		watchers.forEach(Watcher::close);
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
	void rostersOfManyElectionsAreKept() throws Exception {
		LeaseStore store = store();
		Set<String> elections = IntStream.range(0, 1000)
			.mapToObj((i) -> "€".repeat(200) + this.election.substring(10) + i)
			.collect(Collectors.toSet());
		Registration registration = new Registration(this.election, "node", Map.of(), elections, KEEP);
		store.register(registration);
		for (String one : List.copyOf(elections).subList(0, 10)) {
			assertThat(store.candidates(one)).hasSize(1);
		}
		store.unregister(registration);
		assertThat(store.candidates(elections.iterator().next())).isEmpty();
	}

	@Test
	void closingEndsTheThreadsOfTheLibrary() throws Exception {
		Set<Thread> others = Thread.getAllStackTraces().keySet();
		LeaseStore store = store();
		try (Watcher watcher = new Watcher(store)) {
			watcher.awaitHint("");
			acquire(store, candidate());
			assertThat(threadsBeside(others)).isNotEmpty().allMatch(Thread::isDaemon);
		}
		store.close();
		this.operator.close();
		await().untilAsserted(() -> assertThat(threadsBeside(others)).isEmpty());
	}

	/** Those of stores, and others that were made meanwhile. */
	private static List<Thread> threadsBeside(Set<Thread> others) {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("election-nats")
					|| (!others.contains(thread) && !thread.getName().startsWith("awaitility")))
			.toList();
	}

	private static void assertMessages(long expected, Call call) throws Exception {
		long before = server().messagesIn();
		call.run();
		assertThat(server().messagesIn() - before).isEqualTo(expected);
	}

	/**
	 * Calls a store.
	 */
	@FunctionalInterface
	private interface Call {

		void run() throws Exception;

	}

}
