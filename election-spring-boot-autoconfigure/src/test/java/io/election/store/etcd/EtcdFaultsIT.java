package io.election.store.etcd;

import java.lang.reflect.Field;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.grpc.internal.SharedResourceHolder;
import io.grpc.internal.SharedResourceHolder.Resource;
import io.netty.channel.EventLoopGroup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.testing.servers.Background;
import io.election.testing.servers.EtcdCluster;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.FaultProxy.Direction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * The etcd store on a network that misbehaves and a server that goes away.
 */
class EtcdFaultsIT {

	private static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	private static final EtcdServer server = new EtcdServer(EtcdVersion.V3_5);

	@AutoClose
	private final FaultProxy proxy = FaultProxy.to(server.port());

	private final String election = "election " + UUID.randomUUID();

	private final Self self = new Self(this.election, "self", "node", Map.of());

	@AutoClose
	private final LeaseStore store = store(Duration.ofSeconds(2), server.endpoint(this.proxy));

	@BeforeAll
	static void start() {
		server.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void aCallEndsWhileNobodyAnswers() throws Exception {
		Lease lease = acquire();
		this.proxy.freeze();
		assertThatException().isThrownBy(() -> this.store.renew(List.of(lease)))
			.withMessage("No answer in time from etcd at " + server.endpoint(this.proxy));
		assertThatException().isThrownBy(() -> this.store.read(List.of(this.election)));
		this.proxy.pass();
		assertThat(this.store.renew(List.of(lease)).get(this.election)).isInstanceOf(Answer.Held.class);
	}

	@Test
	void aCallEndsWhereNobodyListens() throws Exception {
		this.proxy.refuse();
		assertThatException().isThrownBy(() -> this.store.read(List.of(this.election)))
			.withMessageStartingWith(
					"No answer in time from etcd at " + server.endpoint(this.proxy) + ", no connection: ")
			.withMessageContaining("Connection refused");
		this.proxy.pass();
		acquire();
	}

	@Test
	void aMemberThatRefusesConnectionsIsPassedOver() throws Exception {
		this.proxy.refuse();
		try (LeaseStore store = store(Duration.ofSeconds(2), server.endpoint(this.proxy), server.endpoint())) {
			assertThat(store.read(List.of(this.election))).containsKey(this.election);
		}
	}

	@Test
	void aMemberThatIsSilentCostsOneCall() throws Exception {
		this.proxy.freeze();
		try (LeaseStore store = store(Duration.ofSeconds(2), server.endpoint(this.proxy), server.endpoint())) {
			assertThatException().isThrownBy(() -> store.read(List.of(this.election)));
			assertThat(store.read(List.of(this.election))).containsKey(this.election);
		}
	}

	@Test
	void whatWasNotSentInTimeIsNeverSent() throws Exception {
		Lease lease = acquire();
		this.proxy.refuse();
		assertThatException().isThrownBy(() -> this.store.release(List.of(lease)));
		this.proxy.pass();
		assertThat(this.store.renew(List.of(lease)).get(this.election)).isInstanceOf(Answer.Held.class);
	}

	@Test
	void aClaimWhoseAnswerWasLostIsSeenAndClaimedAnew() throws Exception {
		this.store.read(List.of(this.election)); // so that only the claim is new
		CompletableFuture<Void> lost = this.proxy.swallowReplyAndStall(contains("node"));
		assertThatException().isThrownBy(() -> acquire());
		assertThat(lost).isCompleted();
		LeaseRecord.Taken own = (LeaseRecord.Taken) read();
		assertThat(own.lease().nonce()).isEqualTo("self");
		Answer answer = acquire(own);
		assertThat(answer).isInstanceOfSatisfying(Answer.Held.class,
				(held) -> assertThat(held.lease().term()).isGreaterThan(own.term()));
	}

	@Test
	void aClaimWhoseAnswerWasLostIsReleased() throws Exception {
		this.store.read(List.of(this.election));
		// No reset, as a server that speaks HTTP/2 answers before it has done its work
		CompletableFuture<Void> lost = this.proxy.swallowReplyAndStall(contains("node"));
		assertThatException().isThrownBy(() -> acquire());
		assertThat(lost).isCompleted();
		LeaseRecord.Taken own = (LeaseRecord.Taken) read();
		this.store.release(List.of(own.lease()));
		assertThat(read()).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void aRenewalWhoseAnswerWasLostIsRepeated() throws Exception {
		Lease lease = acquire();
		this.proxy.blackHole(Direction.TO_CLIENT);
		assertThatException().isThrownBy(() -> this.store.renew(List.of(lease)));
		this.proxy.pass();
		assertThat(this.store.renew(List.of(lease)).get(this.election)).isInstanceOf(Answer.Held.class);
	}

	@Test
	void aReleaseWhoseAnswerWasLostIsRepeated() throws Exception {
		Lease lease = acquire();
		this.proxy.swallowReplyAndStall(contains("%details"));
		assertThatException().isThrownBy(() -> this.store.release(List.of(lease)));
		assertThat(this.store.release(List.of(lease))).containsEntry(this.election, new Answer.Released());
		assertThat(read()).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void sessionsOutliveARestartOfTheServer() throws Exception {
		Lease lease = acquire();
		server.restart();
		await().untilAsserted(
				() -> assertThat(this.store.renew(List.of(lease)).get(this.election)).isInstanceOf(Answer.Held.class));
	}

	@Test
	void whoseSessionSomebodyEndedClaimsInAnother() throws Exception {
		Lease lease = acquire();
		String key = server.etcdctl()
			.run("get", "--prefix", "--keys-only", EtcdSettings.PREFIX + this.election + "/")
			.strip();
		server.etcdctl().run("lease", "revoke", key.substring(key.lastIndexOf('/') + 1));
		assertThat(acquire().term()).isGreaterThan(lease.term());
	}

	/**
	 * Found in a review: the session was abandoned, and its key kept its own process out.
	 */
	@Test
	void aKeyThatOutlivesAnOutageOfSeveralLeasesIsNoObstacle() throws Exception {
		Timing shortTiming = new Timing(Duration.ofSeconds(2), Duration.ofMillis(1400), Duration.ofMillis(400));
		Claim claim = new Claim(this.self, shortTiming, read(), 0);
		this.store.acquire(List.of(claim));
		LeaseRecord.Taken before = (LeaseRecord.Taken) read();
		server.stop();
		Thread.sleep(3 * shortTiming.leaseDuration().toMillis());
		server.start(); // which gives sessions their full time again
		List<Answer> answers = new ArrayList<>();
		await().ignoreExceptions().until(() -> answers.add(this.store.acquire(List.of(claim)).get(this.election)));
		assertThat(answers.get(0)).isInstanceOfSatisfying(Answer.Held.class,
				(held) -> assertThat(held.lease().term()).isGreaterThan(before.lease().term()));
	}

	/**
	 * As an {@code OutOfMemoryError} ends them; all clients of a process share them.
	 */
	@Test
	void clientsGoOnAfterTheirEventLoopsHaveEnded() throws Exception {
		Lease lease = acquire();
		Resource<EventLoopGroup> resource = eventLoopsOfAllClients();
		EventLoopGroup shared = SharedResourceHolder.get(resource);
		try (LeaseStore store = store(Duration.ofSeconds(2), server.endpoint())) {
			BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
			shared.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
			await().ignoreExceptions()
				.until(() -> this.store.renew(List.of(lease)).get(this.election) instanceof Answer.Held);
			assertThatException().isThrownBy(() -> store.watch(hints::add)).withMessageContaining("terminated");
			CompletableFuture<Boolean> watch = Background.call(() -> store.watch(hints::add));
			awaitHint(hints, Hint.ANY);
			assertThat(watch).isNotDone();
		}
		finally {
			this.store.close();
			SharedResourceHolder.release(resource, shared);
			// gRPC gives up its loops a second after the last client was closed
			await().pollInterval(Duration.ofSeconds(2)).until(() -> {
				EventLoopGroup latest = SharedResourceHolder.get(resource);
				SharedResourceHolder.release(resource, latest);
				return !latest.isShuttingDown();
			});
		}
	}

	@Test
	void aWatchIsResumedAfterItsConnectionBroke() throws Exception {
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		CompletableFuture<Boolean> watch = Background.call(() -> this.store.watch(hints::add));
		awaitHint(hints, Hint.ANY);
		this.proxy.reset();
		awaitHint(hints, Hint.ANY);
		acquire();
		awaitHint(hints, Hint.of(this.election));
		assertThat(watch).isNotDone();
		this.store.close();
		assertThat(watch.get(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aWatchThatDiesSilentlyEnds() throws Exception {
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		try (LeaseStore store = store(Duration.ofMillis(700), server.endpoint(this.proxy))) {
			CompletableFuture<Boolean> watch = Background.call(() -> store.watch(hints::add));
			awaitHint(hints, Hint.ANY);
			Thread.sleep(8000);
			assertThat(watch).isNotDone();
			this.proxy.freeze();
			// Before the connection's own pings would tell
			assertThat(watch).failsWithin(Duration.ofSeconds(14)).withThrowableThat().withMessageContaining("in time");
		}
	}

	@Test
	void aWatchThatCannotBeResumedEnds() throws Exception {
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		CompletableFuture<Boolean> watch = Background.call(() -> this.store.watch(hints::add));
		awaitHint(hints, Hint.ANY);
		this.proxy.refuse();
		await().until(watch::isCompletedExceptionally);
	}

	@Test
	void aWatchEndsIfWhatItMissedIsCompacted() throws Exception {
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		LeaseStore patient = store(Duration.ofSeconds(30), server.endpoint(this.proxy));
		CompletableFuture<Boolean> watch = Background.call(() -> patient.watch(hints::add));
		awaitHint(hints, Hint.ANY);
		acquire();
		awaitHint(hints, Hint.of(this.election));
		this.proxy.refuse();
		for (int i = 0; i < 3; i++) {
			server.etcdctl().run("put", "unrelated", "x");
		}
		server.etcdctl().run("compact", String.valueOf(server.etcdctl().revision()));
		this.proxy.pass();
		assertThat(watch).failsWithin(Duration.ofSeconds(20))
			.withThrowableThat()
			.withMessageContaining("required revision has been compacted");
		patient.close();
	}

	@Test
	void aWatchEndsIfItsMemberHasLostTouchWithTheOthers() throws Exception {
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		try (EtcdCluster cluster = new EtcdCluster(EtcdVersion.V3_5).start();
				LeaseStore ofOneMember = store(Duration.ofSeconds(30), cluster.members().get(0).endpoint())) {
			CompletableFuture<Boolean> watch = Background.call(() -> ofOneMember.watch(hints::add));
			awaitHint(hints, Hint.ANY);
			cluster.members().get(1).pause();
			cluster.members().get(2).pause();
			assertThat(watch).failsWithin(Duration.ofSeconds(20))
				.withThrowableThat()
				.withMessageContaining("no leader");
		}
	}

	@SuppressWarnings("unchecked")
	private static Resource<EventLoopGroup> eventLoopsOfAllClients() throws Exception {
		Field resource = Class.forName("io.grpc.netty.Utils").getField("DEFAULT_WORKER_EVENT_LOOP_GROUP");
		resource.setAccessible(true);
		return (Resource<EventLoopGroup>) resource.get(null);
	}

	private static void awaitHint(BlockingQueue<Hint> hints, Hint expected) throws InterruptedException {
		Hint hint = hints.poll(20, TimeUnit.SECONDS);
		while (hint != null && !hint.equals(expected)) {
			hint = hints.poll(20, TimeUnit.SECONDS);
		}
		assertThat(hint).isEqualTo(expected);
	}

	private Lease acquire() throws Exception {
		Answer answer = acquire(new LeaseRecord.Vacant(new Lease(this.election, "", 0, 0)));
		assertThat(answer).isInstanceOf(Answer.Held.class);
		return ((Answer.Held) answer).lease();
	}

	private Answer acquire(LeaseRecord seen) throws Exception {
		return this.store.acquire(List.of(new Claim(this.self, TIMING, seen, seen.term()))).get(this.election);
	}

	private LeaseRecord read() throws Exception {
		return this.store.read(List.of(this.election)).get(this.election);
	}

	private static Predicate<byte[]> contains(String text) {
		return (bytes) -> new String(bytes, StandardCharsets.UTF_8).contains(text);
	}

	private static LeaseStore store(Duration requestTimeout, String... endpoints) {
		return new EtcdBackend(new EtcdSettings(Stream.of(endpoints).map(URI::create).toList(), null, null, null, null,
				EtcdSettings.PREFIX))
			.open(requestTimeout);
	}

}
