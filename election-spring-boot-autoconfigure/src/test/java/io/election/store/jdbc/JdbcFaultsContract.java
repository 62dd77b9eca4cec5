package io.election.store.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.jdbc.Database.Lock;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.FaultProxy.Direction;
import io.election.testing.servers.SqlServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of calls when a database or the way to it fails: each ends in its time,
 * and the next one works when the fault is over.
 */
abstract class JdbcFaultsContract {

	static final Duration REQUEST_TIMEOUT = Duration.ofMillis(1500);

	private static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	static final long LIMIT_SECONDS = 20;

	final String election = UUID.randomUUID().toString();

	final Database database;

	final SqlServer server;

	final FaultProxy proxy;

	final JdbcBackend backend;

	final LeaseStore store;

	final ExecutorService threads = Executors.newCachedThreadPool();

	JdbcFaultsContract(Database database) {
		this.database = database;
		this.server = database.server();
		this.proxy = FaultProxy.to(this.server.port());
		this.backend = new JdbcBackend(database.settings(this.server.jdbcUrl(this.proxy)));
		this.store = this.backend.open(REQUEST_TIMEOUT);
	}

	/** Has a watch be told something about the election. */
	abstract void cause() throws Exception;

	@AfterEach
	void close() throws InterruptedException {
		this.store.close();
		this.proxy.close();
		this.threads.shutdownNow();
		assertThat(this.threads.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
		if (!this.server.isRunning()) {
			this.server.start();
		}
	}

	@Test
	void aServerThatIsNotThereYetIsUsedOnceItIs() throws Exception {
		this.server.stop();
		try (LeaseStore direct = new JdbcBackend(this.database.settings()).open(REQUEST_TIMEOUT)) {
			for (int i = 0; i < 2; i++) {
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> direct.read(List.of(this.election)))
					.withMessageContaining(this.server.jdbcUrl().replaceFirst("\\?.*", ""))
					.withMessageContaining("refused");
			}
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> direct.watch((hint) -> {
			}));
			this.server.start();
			assertThat(direct.read(List.of(this.election))).isEqualTo(Map.of(this.election, new LeaseRecord.Absent()));
		}
	}

	@Test
	void aLeaseOutlivesARestartOfTheServer() throws Exception {
		Lease lease = acquire();
		this.server.stop();
		assertFails(() -> this.store.renew(List.of(lease)));
		assertFails(() -> this.store.renew(List.of(lease)));
		this.server.start();
		assertHeld(this.store.renew(List.of(lease)));
	}

	@ParameterizedTest
	@EnumSource
	void aCallEndsInTimeWhenNobodyAnswers(Stall stall) throws Exception {
		Lease lease = acquire();
		stall.begin(this);
		assertEndsInTime(() -> this.store.renew(List.of(lease)));
		// Now it has to connect
		assertEndsInTime(() -> this.store.renew(List.of(lease)));
		assertEndsInTime(() -> this.store.watch((hint) -> {
		}));
		stall.end(this);
		// What was under way may be carried out even now
		await().untilAsserted(() -> {
			LeaseRecord record = this.store.read(List.of(this.election)).get(this.election);
			Lease latest = ((LeaseRecord.Held) record).lease();
			assertThat(latest.term()).isEqualTo(lease.term());
			assertHeld(this.store.renew(List.of(latest)));
		});
	}

	@Test
	void aCallWithManyElectionsEndsInTimeWhenNobodyReads() throws Exception {
		acquire();
		this.proxy.freeze();
		List<Claim> claims = IntStream.range(0, 10_000)
			.mapToObj((i) -> new Self("€".repeat(200) + i, "nonce", "node", Map.of("a", "b".repeat(500))))
			.map((self) -> new Claim(self, TIMING, new LeaseRecord.Vanished(1, Duration.ZERO), 0))
			.toList();
		assertEndsInTime(() -> this.store.acquire(claims));
	}

	@Test
	void aCallEndsInTimeWhenATableIsLockedAndLeavesNoSessionBehind() throws Exception {
		Lease lease = acquire();
		try (Lock admin = this.database.lockTable("election_lease")) {
			for (int i = 0; i < 3; i++) {
				assertEndsInTime(() -> this.store.renew(List.of(lease)));
			}
			await().untilAsserted(() -> assertThat(sessions()).isEqualTo("0"));
		}
		assertHeld(this.store.renew(List.of(lease)));
	}

	private String sessions() {
		return this.server.query(this.database.countOfSessions());
	}

	@ParameterizedTest
	@EnumSource(names = { "RESET", "TERMINATE" })
	void aConnectionThatWasCutWhileIdleCostsNoCall(Cut cut) throws Exception {
		Lease lease = acquire();
		cut.happen(this);
		Lease renewed = assertHeld(this.store.renew(List.of(lease)));
		cut.happen(this);
		assertThat(this.store.read(List.of(this.election)).get(this.election))
			.isInstanceOfSatisfying(LeaseRecord.Held.class, (held) -> assertThat(held.lease()).isEqualTo(renewed));
		cut.happen(this);
		assertThat(this.store.release(List.of(renewed))).containsEntry(this.election, new Answer.Released());
		LeaseRecord vacant = this.store.read(List.of(this.election)).get(this.election);
		cut.happen(this);
		assertHeld(this.store.acquire(List.of(claim(vacant))));
	}

	@Test
	void whereNoConnectionCanBeMadeACutCostsACall() throws Exception {
		Lease lease = acquire();
		this.proxy.refuse();
		assertFails(() -> this.store.renew(List.of(lease)));
		this.proxy.pass();
		assertHeld(this.store.renew(List.of(lease)));
	}

	@ParameterizedTest
	@EnumSource(names = { "FREEZE", "PAUSE" })
	void aCallEndsInTimeWhenAConnectionWasCutAndNobodyAnswersANewOne(Stall stall) throws Exception {
		Lease lease = acquire();
		this.proxy.reset();
		stall.begin(this);
		assertEndsInTime(() -> this.store.renew(List.of(lease)));
		stall.end(this);
		assertHeld(this.store.renew(List.of(lease)));
	}

	@Test
	void aRenewalWhoseReplyIsLostIsFoundByReadingBack() throws Exception {
		// Else, with MariaDB's driver, the first reply would be that to its preparation
		Lease lease = assertHeld(this.store.renew(List.of(acquire())));
		CompletableFuture<Void> swallowed = this.proxy
			.swallowReplyAndReset((request) -> new String(request, StandardCharsets.UTF_8).contains(this.election));
		// The connection is dead, but who knows since when: it is repeated, and what
		// the second try finds may be of the first
		assertThat(this.store.renew(List.of(lease))).isEmpty();
		swallowed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
		assertThat(this.store.renew(List.of(lease)).get(this.election)).isInstanceOfSatisfying(Answer.Refused.class,
				(refused) -> assertThat(refused.record()).isInstanceOfSatisfying(LeaseRecord.Held.class, (held) -> {
					assertThat(held.lease().nonce()).isEqualTo(lease.nonce());
					assertThat(held.lease().term()).isEqualTo(lease.term());
					assertThat(held.lease().revision()).isGreaterThan(lease.revision());
				}));
	}

	@Test
	void aClaimWhoseReplyIsLostHasNoAnswer() throws Exception {
		Lease lease = acquire();
		this.store.release(List.of(lease));
		LeaseRecord vacant = this.store.read(List.of(this.election)).get(this.election);
		Claim claim = claim(vacant);
		CompletableFuture<Void> swallowed = this.proxy.swallowReplyAndReset(
				(request) -> new String(request, StandardCharsets.UTF_8).contains(claim.candidate().nonce()));
		assertThat(this.store.acquire(List.of(claim))).isEmpty();
		swallowed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
		assertThat(this.store.read(List.of(this.election)).get(this.election)).isInstanceOfSatisfying(
				LeaseRecord.Held.class,
				(held) -> assertThat(held.lease().nonce()).isEqualTo(claim.candidate().nonce()));
	}

	@ParameterizedTest
	@EnumSource
	void aWatchEndsWhenItsConnectionIsCutAndCanBeRepeated(Cut cut) throws Exception {
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		Future<Boolean> watch = this.threads.submit(() -> this.store.watch(hints::add));
		assertThat(hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(Hint.ANY);
		awaitWatching();
		cut.happen(this);
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> watch.get(LIMIT_SECONDS, TimeUnit.SECONDS))
			.withCauseInstanceOf(SQLException.class);
		this.proxy.pass();
		BlockingQueue<Hint> later = new LinkedBlockingQueue<>();
		this.threads.submit(() -> this.store.watch(later::add));
		assertThat(later.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(Hint.ANY);
		cause();
		assertThat(later.poll(LIMIT_SECONDS, TimeUnit.SECONDS))
			.satisfies((hint) -> assertThat(hint.election()).isEqualTo(this.election));
	}

	@Test
	void closingEndsACallThatWaitsForAnAnswer() throws Exception {
		LeaseStore patient = this.backend.open(Duration.ofHours(1));
		patient.read(List.of(this.election));
		this.proxy.freeze(Direction.TO_CLIENT);
		long delivered = this.proxy.bytes(Direction.TO_SERVER);
		Future<?> call = this.threads.submit(() -> patient.read(List.of(this.election)));
		await().until(() -> this.proxy.bytes(Direction.TO_SERVER) > delivered);
		patient.close();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> call.get(LIMIT_SECONDS, TimeUnit.SECONDS))
			.withMessageContaining("The store is closed");
	}

	@Test
	void aClosedStoreKeepsNoConnection() throws Exception {
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		this.threads.submit(() -> this.store.watch(hints::add));
		assertThat(hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(Hint.ANY);
		acquire();
		assertThat(this.proxy.connections()).isEqualTo(2);
		this.store.close();
		await().untilAsserted(() -> assertThat(this.proxy.connections()).isZero());
		await().untilAsserted(() -> assertThat(sessions()).isEqualTo("0"));
	}

	/** Waits until the watch waits for the server. */
	void awaitWatching() throws Exception {
	}

	final Lease acquire() throws Exception {
		return assertHeld(this.store.acquire(List.of(claim(new LeaseRecord.Absent()))));
	}

	final Claim claim(LeaseRecord seen) {
		Self self = new Self(this.election, UUID.randomUUID().toString(), "node", Map.of());
		return new Claim(self, TIMING, seen, 0);
	}

	final Lease assertHeld(Map<String, Answer> answers) {
		assertThat(answers).containsOnlyKeys(this.election);
		assertThat(answers.get(this.election)).isInstanceOf(Answer.Held.class);
		return ((Answer.Held) answers.get(this.election)).lease();
	}

	final void assertFails(Call call) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(call::run)
			.withMessageContaining(" at " + this.server.jdbcUrl(this.proxy).replaceFirst("\\?.*", "") + ": ");
	}

	/** Far less than what would pass without a timeout, or with the driver's own. */
	final void assertEndsInTime(Call call) {
		long start = System.nanoTime();
		assertFails(call);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(REQUEST_TIMEOUT.multipliedBy(2));
	}

	/**
	 * Ways not to answer.
	 */
	enum Stall {

		/** The network takes everything and delivers it later. */
		FREEZE {

			@Override
			void begin(JdbcFaultsContract test) {
				test.proxy.freeze();
			}

		},

		/** The network loses everything. */
		BLACK_HOLE {

			@Override
			void begin(JdbcFaultsContract test) {
				test.proxy.blackHole();
			}

		},

		/** The network loses replies. */
		LOST_REPLIES {

			@Override
			void begin(JdbcFaultsContract test) {
				test.proxy.blackHole(Direction.TO_CLIENT);
			}

		},

		/** The server is suspended. */
		PAUSE {

			@Override
			void begin(JdbcFaultsContract test) {
				test.server.pause();
			}

			@Override
			void end(JdbcFaultsContract test) {
				test.server.resume();
			}

		};

		abstract void begin(JdbcFaultsContract test);

		void end(JdbcFaultsContract test) {
			test.proxy.pass();
		}

	}

	/**
	 * Ways to end a connection.
	 */
	enum Cut {

		/** The network resets connections. */
		RESET {

			@Override
			void happen(JdbcFaultsContract test) {
				test.proxy.reset();
			}

		},

		/** The network resets connections and refuses new ones. */
		REFUSE {

			@Override
			void happen(JdbcFaultsContract test) {
				test.proxy.refuse();
			}

		},

		/** An administrator ends sessions. */
		TERMINATE {

			@Override
			void happen(JdbcFaultsContract test) throws SQLException {
				test.database.terminateSessions();
			}

		};

		abstract void happen(JdbcFaultsContract test) throws Exception;

	}

	/**
	 * Calls a store.
	 */
	@FunctionalInterface
	interface Call {

		void run() throws Exception;

	}

}
