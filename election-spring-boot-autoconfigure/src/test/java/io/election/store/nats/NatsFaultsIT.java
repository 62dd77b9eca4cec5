package io.election.store.nats;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

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
import io.election.store.LeaseStore;
import io.election.store.UnusableBackendException;
import io.election.testing.servers.Background;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.FaultProxy.Direction;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The NATS store on a network that misbehaves and a server that goes away.
 */
class NatsFaultsIT {

	private static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	private static final NatsServer server = new NatsServer(NatsVersion.V2_15);

	@AutoClose
	private final FaultProxy proxy = FaultProxy.to(server.port());

	private final String election = "election " + UUID.randomUUID();

	private final Self self = new Self(this.election, "self", "node", Map.of());

	@AutoClose
	private final LeaseStore store = new NatsBackend(Operator.settings(server.url(this.proxy)))
		.open(Duration.ofMillis(1500));

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
		long begunAt = System.nanoTime();
		assertThatException().isThrownBy(() -> this.store.renew(List.of(lease)))
			.withMessage("No answer in time from NATS at " + server.url(this.proxy));
		assertThatException().isThrownBy(() -> this.store.read(List.of(this.election)));
		assertThat(Duration.ofNanos(System.nanoTime() - begunAt)).isLessThan(Duration.ofSeconds(10));
		this.proxy.pass();
		awaitRenewal(lease);
	}

	@Test
	void aCallEndsWhereNobodyListens() throws Exception {
		this.proxy.refuse();
		assertThatException().isThrownBy(() -> this.store.read(List.of(this.election)))
			.withMessageStartingWith("No connection to NATS at " + server.url(this.proxy) + ": ")
			.withMessageContaining("Connection refused");
		this.proxy.pass();
		acquire();
	}

	/** As a look-up of a name may, or a thread that an error has ended. */
	@Test
	void aConnectionThatIsNeverMadeIsGivenUp() {
		CompletableFuture<NatsSslContext> never = new CompletableFuture<>();
		AtomicInteger connections = new AtomicInteger(-1); // the backend makes none
		NatsSettings settings = new NatsSettings(List.of(URI.create(server.url())), null, null, null, null,
				() -> (connections.getAndIncrement() == 0) ? never.join() : null, null, NatsSettings.BUCKET, 1, false,
				NatsSettings.INBOX_PREFIX);
		try (LeaseStore store = new NatsBackend(settings).open(Duration.ofMillis(100))) {
			assertThatException().isThrownBy(() -> store.read(List.of(this.election)));
			await().ignoreExceptions().until(() -> store.read(List.of(this.election)).containsKey(this.election));
			assertThat(connections).hasValueGreaterThan(1);
		}
		finally {
			never.complete(null);
		}
	}

	@Test
	void aServerThatAnswersButCannotServeCostsOneCall() throws Exception {
		try (NatsServer other = new NatsServer(NatsVersion.V2_15).withoutJetStream().start()) {
			NatsBackend backend = new NatsBackend(Operator.settings("any", other.url(), server.url()));
			for (int i = 0; i < 4; i++) { // as chance would do, too
				try (LeaseStore store = backend.open(Duration.ofMillis(1500))) {
					assertThatException().isThrownBy(() -> store.read(List.of(this.election)))
						.withMessageStartingWith("NATS at " + other.url() + ", " + server.url()
								+ " does not answer requests for JetStream: it is not enabled there, or not for the account of ")
						.withMessageContaining("election.nats.domain");
					assertThat(store.read(List.of(this.election))).containsKey(this.election);
				}
			}
		}
	}

	@Test
	void aServerWithoutJetStreamCannotBeUsed() throws Exception {
		try (NatsServer other = new NatsServer(NatsVersion.V2_15).withoutJetStream().start();
				LeaseStore store = new NatsBackend(Operator.settings("any", other.url()))
					.open(Duration.ofMillis(1500))) {
			assertThatExceptionOfType(UnusableBackendException.class)
				.isThrownBy(() -> store.read(List.of(this.election)))
				.withMessageContaining("JetStream");
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
		CompletableFuture<Void> lost = this.proxy.swallowReplyAndStall(contains("nonce=self"));
		assertThatException().isThrownBy(() -> acquire());
		assertThat(lost).isCompleted();
		LeaseRecord.Taken own = (LeaseRecord.Taken) read();
		assertThat(own.lease().nonce()).isEqualTo("self");
		assertThat(acquire(own)).isInstanceOfSatisfying(Answer.Held.class,
				(held) -> assertThat(held.lease().term()).isGreaterThan(own.term()));
	}

	@Test
	void aClaimWhoseAnswerWasLostIsReleased() throws Exception {
		this.store.read(List.of(this.election));
		CompletableFuture<Void> lost = this.proxy.swallowReplyAndReset(contains("nonce=self"));
		assertThatException().isThrownBy(() -> acquire());
		assertThat(lost).isCompleted();
		LeaseRecord.Taken own = (LeaseRecord.Taken) read();
		this.store.release(List.of(own.lease()));
		assertThat(read()).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void aRenewalWhoseAnswerWasLostIsReadBack() throws Exception {
		Lease lease = acquire();
		CompletableFuture<Void> lost = this.proxy.swallowReplyAndReset(contains("nonce=self"));
		assertThatException().isThrownBy(() -> this.store.renew(List.of(lease)));
		assertThat(lost).isCompleted();
		assertThat(this.store.renew(List.of(lease)).get(this.election)).isInstanceOfSatisfying(Answer.Refused.class,
				(refused) -> {
					Lease written = ((LeaseRecord.Held) refused.record()).lease();
					assertThat(written.nonce()).isEqualTo("self");
					assertThat(written.term()).isEqualTo(lease.term());
					assertThat(written.revision()).isGreaterThan(lease.revision());
				});
	}

	@Test
	void aReleaseWhoseAnswerWasLostIsRepeated() throws Exception {
		Lease lease = acquire();
		CompletableFuture<Void> lost = this.proxy.swallowReplyAndStall(contains("nonce=&"));
		assertThatException().isThrownBy(() -> this.store.release(List.of(lease)));
		assertThat(lost).isCompleted();
		assertThat(this.store.release(List.of(lease))).containsEntry(this.election, new Answer.Released());
		assertThat(read()).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void aReleaseAfterARenewalWithoutAnswerReleases() throws Exception {
		Lease lease = acquire();
		this.proxy.blackHole(Direction.TO_CLIENT);
		assertThatException().isThrownBy(() -> this.store.renew(List.of(lease)));
		this.proxy.pass();
		await().ignoreExceptions().until(() -> this.store.release(List.of(lease)).containsKey(this.election));
		assertThat(read()).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void recordsOutliveACrashOfTheServer() throws Exception {
		Lease lease = acquire();
		server.kill();
		assertThatException().isThrownBy(() -> this.store.renew(List.of(lease)));
		server.start();
		awaitRenewal(lease);
	}

	@Test
	void aServerThatIsPausedIsUsedAgain() throws Exception {
		Lease lease = acquire();
		server.pause();
		assertThatException().isThrownBy(() -> this.store.renew(List.of(lease)));
		assertThatException().isThrownBy(() -> this.store.renew(List.of(lease)));
		server.resume();
		await().ignoreExceptions()
			.until(() -> this.store.read(List.of(this.election)).get(this.election) instanceof LeaseRecord.Held held
					&& held.term() == lease.term());
	}

	@Test
	void closingEndsACallThatIsUnderWay() throws Exception {
		LeaseStore patient = new NatsBackend(Operator.settings(server.url(this.proxy))).open(Duration.ofMinutes(10));
		patient.read(List.of(this.election));
		this.proxy.freeze();
		CompletableFuture<Map<String, LeaseRecord>> call = Background.call(() -> patient.read(List.of(this.election)));
		await().during(Duration.ofMillis(200)).until(() -> !call.isDone());
		patient.close();
		assertThat(call).failsWithin(Duration.ofSeconds(20)).withThrowableThat().withMessageContaining("closed");
	}

	@Test
	void closingEndsAConnectionThatIsBeingMade() {
		this.proxy.freeze();
		LeaseStore patient = new NatsBackend(Operator.settings(server.url(this.proxy))).open(Duration.ofMinutes(10));
		CompletableFuture<Map<String, LeaseRecord>> call = Background.call(() -> patient.read(List.of(this.election)));
		await().during(Duration.ofMillis(200)).until(() -> !call.isDone());
		patient.close();
		assertThat(call).failsWithin(Duration.ofSeconds(20)).withThrowableThat().withMessageContaining("closed");
	}

	@Test
	void aWatchEndsWhenItsConnectionBreaks() throws Exception {
		try (Watcher watcher = new Watcher(this.store)) {
			watcher.awaitHint("");
			this.proxy.reset();
			assertThat(watcher.end()).hasMessageStartingWith("NATS at " + server.url(this.proxy) + " fails: ");
		}
		try (Watcher watcher = new Watcher(this.store)) {
			watcher.awaitHint("");
			acquire();
			watcher.awaitHint(this.election);
		}
	}

	@Test
	void aWatchThatDiesSilentlyIsNoticed() throws Exception {
		try (Watcher watcher = new Watcher(this.store)) {
			watcher.awaitHint("");
			this.proxy.freeze(Direction.TO_CLIENT);
			assertThat(watcher.end()).hasMessageContaining("NATS fell silent");
		}
	}

	@Test
	void whileAWatchIsSilentRecordsAreRead() throws Exception {
		acquire();
		try (Watcher watcher = new Watcher(this.store)) {
			watcher.awaitHint("");
			this.proxy.freeze();
			// For a while yet, nobody knows
			await()
				.untilAsserted(() -> assertThatException().isThrownBy(() -> this.store.read(List.of(this.election))));
			this.proxy.pass();
		}
	}

	@Test
	void aWatchOfAStreamThatIsDeletedEnds() throws Exception {
		NatsSettings settings = Operator.settings("deleted", server.url(this.proxy));
		try (LeaseStore other = new NatsBackend(settings).open(Duration.ofMillis(1500));
				Operator operator = new Operator(Operator.settings(server.url()));
				Watcher watcher = new Watcher(other)) {
			watcher.awaitHint("");
			operator.deleteStream(settings.leases().bucket());
			assertThat(watcher.end()).hasMessageContaining("NATS");
		}
	}

	/** What was sent in vain may have been carried out later. */
	private void awaitRenewal(Lease lease) {
		await().ignoreExceptions().untilAsserted(() -> {
			Answer answer = this.store.renew(List.of(lease)).get(this.election);
			Lease written = (answer instanceof Answer.Refused refused) ? ((LeaseRecord.Held) refused.record()).lease()
					: ((Answer.Held) answer).lease();
			assertThat(written.nonce()).isEqualTo(lease.nonce());
			assertThat(written.term()).isEqualTo(lease.term());
			assertThat(written.revision()).isGreaterThan(lease.revision());
		});
	}

	private Lease acquire() throws Exception {
		Answer answer = acquire(new LeaseRecord.Absent());
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

}
