package io.election.store.etcd;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
import io.election.core.Timing;
import io.election.store.Backend;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.LeaseStoreContract;
import io.election.store.Registration;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import io.election.testing.servers.FaultProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * The contract of stores on etcd, and what etcd promises beyond it.
 */
@OnEachVersion(EtcdVersion.class)
class EtcdLeaseStoreIT extends LeaseStoreContract {

	private static final Timing SHORT = new Timing(Duration.ofSeconds(2), Duration.ofMillis(1500),
			Duration.ofMillis(100));

	private static @Nullable EtcdServer server;

	/** Closed after the stores. */
	@AutoClose
	private final FaultProxy proxy = FaultProxy.to(server().port());

	private final EtcdSettings settings = new EtcdSettings(List.of(URI.create(server().endpoint(this.proxy))), null,
			null, null, null, EtcdSettings.PREFIX);

	EtcdLeaseStoreIT(EtcdVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(EtcdVersion version) {
		server = new EtcdServer(version).start();
	}

	@AfterParameterizedClassInvocation
	static void nothingWasLoggedAsAnError() {
		try (EtcdServer ended = server()) {
			// It says so where the machine is slow
			assertThat(ended.logErrors())
				.allMatch((entry) -> entry.contains("took too long") || entry.contains("request stats"));
		}
	}

	private static EtcdServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	@Override
	protected Backend backend() {
		return new EtcdBackend(this.settings);
	}

	@Override
	protected LeaseRecord unclaimed(String election) {
		return new LeaseRecord.Vacant(new Lease(election, "", 0, 0));
	}

	@Override
	protected void deleteRecord(String election) {
		etcdctl("del", "--prefix", EtcdSettings.PREFIX + election + "/");
	}

	@Override
	protected void pass(Duration time) throws InterruptedException {
		Thread.sleep(time.toMillis());
	}

	@Override
	protected Duration lateness() {
		return Duration.ofSeconds(1);
	}

	@Override
	protected void breakConnections() {
		this.proxy.reset();
	}

	@Test
	void theKeyOfALeaderIsThatOfTheRecipeOfEtcd() throws Exception {
		acquire(store(), new Self(this.election, "nonce", "node 'ü'", Map.of("zone", "b")));
		List<String> keyAndValue = etcdctl("get", "--prefix", contenders()).lines().toList();
		assertThat(keyAndValue).hasSize(2);
		assertThat(keyAndValue.get(0)).matches(Pattern.quote(contenders()) + "[0-9a-f]{1,16}");
		assertThat(keyAndValue.get(1)).isEqualTo("node 'ü'");
		String lease = keyAndValue.get(0).substring(contenders().length());
		assertThat(etcdctl("lease", "timetolive", "--keys", lease)).contains("TTL(15s)", keyAndValue.get(0));
	}

	@Test
	void whoUsesTheRecipeOfEtcdLeads() throws Exception {
		String session = foreignSession();
		etcdctl("put", "--lease=" + session, contenders() + session, "http://other:1");
		LeaseStore store = store();
		LeaseRecord.Taken record = taken(store, this.election);
		assertThat(record).isInstanceOf(LeaseRecord.Kept.class);
		assertThat(record.candidateId()).isEqualTo("http://other:1");
		assertThat(record.attributes()).isEmpty();
		assertThat(record.lease().nonce()).isEqualTo(session);
		assertThat(record.since()).isPositive();
		assertRefused(acquire(store, claim(candidate(), unclaimed(this.election))), record.lease());
		assertThat(taken(store, this.election)).isEqualTo(record);
		etcdctl("lease", "revoke", session);
		assertThat(acquire(store, candidate()).term()).isGreaterThan(record.term());
	}

	@Test
	void whoLosesAgainstAnotherLeavesNoKey() throws Exception {
		acquire(store(), candidate());
		LeaseStore loser = store();
		assertThat(acquire(loser, claim(candidate(), unclaimed(this.election)))).isInstanceOf(Answer.Refused.class);
		assertThat(etcdctl("get", "--prefix", "--keys-only", contenders()).lines().filter((line) -> !line.isEmpty()))
			.hasSize(1);
	}

	@Test
	void otherKeysAreNoContenders() throws Exception {
		String session = foreignSession();
		etcdctl("put", contenders() + "config", "x");
		etcdctl("put", contenders() + "further/" + session, "x");
		LeaseStore store = store();
		assertThat(read(store, this.election)).isEqualTo(unclaimed(this.election));
		Lease lease = acquire(store, candidate());
		assertThat(taken(store, this.election).lease()).isEqualTo(lease);
	}

	@Test
	void aClaimOfOneWhoStillHasAKeyHasANewToken() throws Exception {
		LeaseStore store = store();
		Self self = candidate();
		Lease lease = acquire(store, self);
		Lease anew = acquire(store, self);
		assertThat(anew.term()).isGreaterThan(lease.term());
		assertThat(taken(store, this.election).lease()).isEqualTo(anew);
		assertReleased(store, lease);
		assertThat(taken(store, this.election).lease()).isEqualTo(anew);
	}

	@Test
	void aClaimOfOneWhoseOldKeyAnotherWaitsBehindIsRefused() throws Exception {
		LeaseStore store = store();
		Self self = candidate();
		acquire(store, self);
		String session = foreignSession();
		etcdctl("put", "--lease=" + session, contenders() + session, "other");
		assertThat(acquire(store, claim(self, read(store, this.election)))).isInstanceOfSatisfying(Answer.Refused.class,
				(refused) -> assertThat(((LeaseRecord.Taken) refused.record()).candidateId()).isEqualTo("other"));
	}

	@Test
	void termsEndWithTheSessionAndTheNextOneBeginsAnother() throws Exception {
		LeaseStore store = store();
		Self self = candidate();
		Lease lease = acquire(store, self);
		etcdctl("lease", "revoke", session());
		assertThat(store.renew(List.of(lease)).get(this.election))
			.isEqualTo(new Answer.Refused(unclaimed(this.election)));
		assertReleased(store, lease);
		Lease anew = acquire(store, self);
		assertThat(anew.term()).isGreaterThan(lease.term());
		assertThat(renew(store, anew).term()).isEqualTo(anew.term());
	}

	@Test
	void aTermThatIsNotRenewedEndsWhileTheSessionGoesOn() throws Exception {
		LeaseStore store = store();
		Self self = candidate();
		String other = this.election + " other";
		Lease lease = lease(acquire(store, new Claim(self, SHORT, unclaimed(this.election), 0)));
		Lease renewed = lease(acquire(store, new Claim(candidate(other), SHORT, unclaimed(other), 0)));
		Registration registration = new Registration("process", "node", Map.of(), Set.of(this.election, other),
				SHORT.leaseDuration().dividedBy(3));
		for (int i = 0; i < 10; i++) {
			renewed = renew(store, renewed);
			store.register(registration);
			pass(SHORT.retryPeriod());
		}
		assertThat(taken(store, this.election).term()).isEqualTo(lease.term());
		for (int i = 0; i < 20; i++) {
			renewed = renew(store, renewed);
			store.register(registration);
			pass(SHORT.retryPeriod());
		}
		assertThat(read(store, this.election)).isEqualTo(unclaimed(this.election));
		assertThat(taken(store, other).term()).isEqualTo(renewed.term());
	}

	@Test
	void aKeyOfTheSessionThatTheStoreDoesNotKnowOfIsDeletedWhenItsTermIsOver() throws Exception {
		LeaseStore store = store();
		lease(acquire(store, new Claim(candidate(), SHORT, unclaimed(this.election), 0)));
		String other = this.election + " other";
		etcdctl("put", "--lease=" + session(), EtcdSettings.PREFIX + other + "/" + session(), "late");
		assertThat(taken(store, other).candidateId()).isEqualTo("late");
		Registration registration = new Registration("process", "node", Map.of(), Set.of(this.election),
				SHORT.leaseDuration().dividedBy(3));
		await().untilAsserted(() -> {
			store.register(registration);
			assertThat(read(store, other)).isEqualTo(unclaimed(other));
		});
	}

	@Test
	void registeringKeepsTheSessionOfOneWhoOnlyWaitsAlive() throws Exception {
		LeaseStore store = store();
		Registration registration = new Registration("process", "node", Map.of(), Set.of(this.election),
				Duration.ofMillis(667));
		List<String> others = sessions();
		store.register(registration);
		List<String> own = sessions();
		own.removeAll(others);
		assertThat(own).hasSize(1);
		for (int i = 0; i < 6; i++) {
			pass(registration.keep());
			store.register(registration);
		}
		assertThat(sessions()).containsAll(own);
	}

	@Test
	void aRosterEntryThatWasDeletedIsMadeAnew() throws Exception {
		LeaseStore store = store();
		Registration registration = new Registration("process", "node", Map.of(), Set.of(this.election), KEEP);
		store.register(registration);
		etcdctl("del", "--prefix", EtcdSettings.PREFIX + "%candidates/" + this.election + "/");
		assertThat(store.candidates(this.election)).isEmpty();
		await().untilAsserted(() -> {
			store.register(registration);
			assertThat(store.candidates(this.election)).hasSize(1);
		});
	}

	@Test
	void callsTakeFewRequests() throws Exception {
		LeaseStore store = store();
		List<String> elections = IntStream.range(0, 50).mapToObj((i) -> this.election + "-" + i).toList();
		List<Claim> claims = elections.stream().map((name) -> claim(candidate(name), unclaimed(name))).toList();
		assertRequests(Map.of("LeaseGrant", 1L, "Txn", 1L), () -> store.acquire(claims));
		List<Lease> leases = leases(store.acquire(claims));
		assertRequests(Map.of("Txn", 1L), () -> store.read(elections));
		assertRequests(Map.of("LeaseKeepAlive", 1L), () -> store.renew(leases));
		Registration registration = new Registration("process", "node", Map.of(), Set.copyOf(elections),
				Duration.ofSeconds(5));
		assertRequests(Map.of("LeaseTimeToLive", 1L, "Txn", 1L), () -> store.register(registration));
		assertRequests(Map.of(), () -> store.register(registration));
		assertRequests(Map.of("Txn", 1L), () -> store.release(leases));
	}

	@Test
	void aRenewalReadsKeysThatWereNotReadForALease() throws Exception {
		LeaseStore store = store();
		Lease lease = lease(acquire(store, new Claim(candidate(), SHORT, unclaimed(this.election), 0)));
		assertRequests(Map.of("LeaseKeepAlive", 1L), () -> store.renew(List.of(lease)));
		pass(SHORT.leaseDuration().dividedBy(2));
		assertRequests(Map.of("LeaseKeepAlive", 1L), () -> store.renew(List.of(lease)));
		pass(SHORT.leaseDuration().dividedBy(2));
		assertRequests(Map.of("LeaseKeepAlive", 1L, "Txn", 1L), () -> store.renew(List.of(lease)));
		assertRequests(Map.of("LeaseKeepAlive", 1L), () -> store.renew(List.of(lease)));
		deleteRecord(this.election);
		pass(SHORT.leaseDuration());
		assertThat(store.renew(List.of(lease)).get(this.election))
			.isEqualTo(new Answer.Refused(unclaimed(this.election)));
	}

	@Test
	void aRenewalReadsKeysThatHintsToldOf() throws Exception {
		LeaseStore store = store();
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		Thread watch = new Thread(() -> catchException(() -> store.watch((hint) -> addIfOwn(hints, hint))));
		watch.start();
		assertThat(hints.take()).isEqualTo(Hint.ANY);
		Lease lease = acquire(store, candidate());
		assertThat(hints.take()).isEqualTo(Hint.of(this.election));
		assertThat(renew(store, lease).term()).isEqualTo(lease.term());
		deleteRecord(this.election);
		assertThat(hints.take()).isEqualTo(vacated());
		assertThat(store.renew(List.of(lease)).get(this.election))
			.isEqualTo(new Answer.Refused(unclaimed(this.election)));
		store.close();
		watch.join();
	}

	/** Which takes the key from its lease, and would have it stay for ever. */
	@Test
	void aKeyThatSomebodyWroteAgainEndsWithItsSessionAllTheSame() throws Exception {
		LeaseStore store = store();
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		Thread watch = new Thread(() -> catchException(() -> store.watch((hint) -> addIfOwn(hints, hint))));
		watch.start();
		assertThat(hints.take()).isEqualTo(Hint.ANY);
		Lease lease = lease(acquire(store, new Claim(candidate(), SHORT, unclaimed(this.election), 0)));
		assertThat(hints.take()).isEqualTo(Hint.of(this.election));
		etcdctl("put", contenders() + session(), "node");
		assertThat(hints.take()).isEqualTo(Hint.of(this.election));
		assertThat(renew(store, lease).term()).isEqualTo(lease.term());
		assertThat(taken(store, this.election).term()).isEqualTo(lease.term());
		pass(SHORT.leaseDuration().plus(lateness()));
		await().untilAsserted(() -> assertThat(read(store(), this.election)).isEqualTo(unclaimed(this.election)));
		store.close();
		watch.join();
	}

	@Test
	void onlyTheDeletionOfTheLeadersKeyIsAVacancy() throws Exception {
		LeaseStore watching = store();
		Lease lease = acquire(store(), candidate());
		read(watching, this.election);
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		Thread watch = new Thread(() -> catchException(() -> watching.watch((hint) -> addIfOwn(hints, hint))));
		watch.start();
		assertThat(hints.take()).isEqualTo(Hint.ANY);
		LeaseStore other = store();
		assertRefused(acquire(other, claim(candidate(), unclaimed(this.election))), lease);
		assertThat(hints.take()).as("the key of the claim was made").isEqualTo(Hint.of(this.election));
		assertThat(hints.take()).as("and deleted").isEqualTo(Hint.of(this.election));
		deleteRecord(this.election);
		assertThat(hints.take()).isEqualTo(vacated());
		watching.close();
		watch.join();
	}

	/** Keys of elections of earlier tests end at some time. */
	private void addIfOwn(Collection<Hint> hints, Hint hint) {
		if (hint.equals(Hint.ANY) || hint.election().equals(this.election)) {
			hints.add(hint);
		}
	}

	private Hint vacated() {
		return new Hint(this.election, (LeaseRecord.Vacant) unclaimed(this.election));
	}

	@Test
	void aRenewalReadsKeysAfterACallHasFailed() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate());
		deleteRecord(this.election);
		assertThat(renew(store, lease).term()).as("not read").isEqualTo(lease.term());
		this.proxy.refuse();
		assertThat(catchException(() -> store.read(List.of(this.election)))).isNotNull();
		this.proxy.pass();
		assertThat(store.renew(List.of(lease)).get(this.election))
			.isEqualTo(new Answer.Refused(unclaimed(this.election)));
	}

	@Test
	void closingEndsTheThreadsOfTheLibrary() throws Exception {
		LeaseStore store = store();
		CountDownLatch watching = new CountDownLatch(1);
		Thread watch = new Thread(() -> catchException(() -> store.watch((hint) -> watching.countDown())));
		watch.start();
		watching.await();
		acquire(store, candidate());
		assertThat(threadsOfTheLibrary()).isNotEmpty();
		store.close();
		watch.join();
		await().untilAsserted(() -> assertThat(threadsOfTheLibrary()).isEmpty());
	}

	private static List<String> threadsOfTheLibrary() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.startsWith("jetcd") || name.startsWith("grpc"))
			.toList();
	}

	private static void assertRequests(Map<String, Long> expected, ThrowingCallable call) throws Exception {
		Map<String, Long> before = server().requests();
		catchThrowable(call);
		Map<String, Long> after = new TreeMap<>(server().requests());
		after.replaceAll((method, count) -> count - before.getOrDefault(method, 0L));
		after.values().removeIf((count) -> count == 0);
		assertThat(after).isEqualTo(expected);
	}

	private String contenders() {
		return EtcdSettings.PREFIX + this.election + "/";
	}

	/** The name of the session that leads. */
	private String session() {
		return etcdctl("get", "--prefix", "--keys-only", contenders()).strip().substring(contenders().length());
	}

	private static List<String> sessions() {
		return etcdctl("lease", "list").lines().skip(1).collect(Collectors.toCollection(ArrayList::new));
	}

	private static String foreignSession() {
		Matcher matcher = Pattern.compile("lease (\\w+) granted").matcher(etcdctl("lease", "grant", "60"));
		assertThat(matcher.find()).isTrue();
		return matcher.group(1);
	}

	private static String etcdctl(String... arguments) {
		return server().etcdctl().run(arguments);
	}

}
