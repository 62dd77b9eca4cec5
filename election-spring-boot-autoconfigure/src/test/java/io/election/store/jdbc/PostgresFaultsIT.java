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
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import io.election.store.jdbc.Database.Lock;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.FaultProxy.Direction;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of calls when PostgreSQL or the way to it fails: each ends in its time,
 * and the next one works when the fault is over.
 */
@ParameterizedClass
@EnumSource
class PostgresFaultsIT {

	private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(1500);

	private static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	private static final long LIMIT_SECONDS = 20;

	private static Postgres postgres;

	private final String election = UUID.randomUUID().toString();

	private final PostgresServer server = postgres.server();

	private final FaultProxy proxy = FaultProxy.to(this.server.port());

	private final JdbcBackend backend = new JdbcBackend(postgres.settings(this.server.jdbcUrl(this.proxy)));

	private final LeaseStore store = this.backend.open(REQUEST_TIMEOUT);

	private final ExecutorService threads = Executors.newCachedThreadPool();

	PostgresFaultsIT(PostgresVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(PostgresVersion version) {
		postgres = new Postgres(new PostgresServer(version).start());
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		postgres.server().close();
	}

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
		try (LeaseStore direct = new JdbcBackend(postgres.settings()).open(REQUEST_TIMEOUT)) {
			for (int i = 0; i < 2; i++) {
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> direct.read(List.of(this.election)))
					.withMessageContaining(this.server.jdbcUrl())
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

	@Test
	void aLeaseOutlivesACrashOfTheServerEvenIfItsUserNeedNotWaitForTheDisk() throws Exception {
		this.server.execute("ALTER SYSTEM SET wal_writer_delay = '10s'", "SELECT pg_reload_conf()",
				"ALTER ROLE " + this.server.username() + " SET synchronous_commit = off");
		try {
			acquire();
			Lease lease = assertHeld(
					this.store.acquire(List.of(claim(this.store.read(List.of(this.election)).get(this.election)))));
			Lease renewed = assertHeld(this.store.renew(List.of(lease)));
			this.server.kill();
			this.server.start();
			assertFails(() -> this.store.read(List.of(this.election)));
			assertThat(this.store.read(List.of(this.election)).get(this.election))
				.isInstanceOfSatisfying(LeaseRecord.Held.class, (held) -> assertThat(held.lease()).isEqualTo(renewed));
		}
		finally {
			this.server.execute("ALTER SYSTEM RESET wal_writer_delay", "SELECT pg_reload_conf()",
					"ALTER ROLE " + this.server.username() + " RESET synchronous_commit");
		}
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
		try (Lock admin = postgres.lock("LOCK TABLE election_lease IN ACCESS EXCLUSIVE MODE")) {
			for (int i = 0; i < 3; i++) {
				assertEndsInTime(() -> this.store.renew(List.of(lease)));
			}
			await().untilAsserted(() -> assertThat(sessions()).isEqualTo("0"));
		}
		assertHeld(this.store.renew(List.of(lease)));
	}

	private String sessions() {
		return this.server.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'election'");
	}

	@ParameterizedTest
	@EnumSource
	void afterACutTheNextCallWorks(Cut cut) throws Exception {
		Lease lease = acquire();
		cut.happen(this);
		assertFails(() -> this.store.renew(List.of(lease)));
		this.proxy.pass();
		assertHeld(this.store.renew(List.of(lease)));
	}

	@Test
	void aRenewalWhoseReplyIsLostIsFoundByReadingBack() throws Exception {
		Lease lease = acquire();
		CompletableFuture<Void> swallowed = this.proxy
			.swallowReplyAndReset((request) -> new String(request, StandardCharsets.UTF_8).contains("SET revision"));
		assertFails(() -> this.store.renew(List.of(lease)));
		swallowed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
		assertThat(this.store.renew(List.of(lease)).get(this.election)).isInstanceOfSatisfying(Answer.Refused.class,
				(refused) -> assertThat(refused.record()).isInstanceOfSatisfying(LeaseRecord.Held.class, (held) -> {
					assertThat(held.lease().nonce()).isEqualTo(lease.nonce());
					assertThat(held.lease().term()).isEqualTo(lease.term());
					assertThat(held.lease().revision()).isEqualTo(lease.revision() + 1);
				}));
	}

	@ParameterizedTest
	@EnumSource
	void aWatchEndsWhenItsConnectionIsCutAndCanBeRepeated(Cut cut) throws Exception {
		BlockingQueue<String> hints = new LinkedBlockingQueue<>();
		Future<Boolean> watch = this.threads.submit(() -> this.store.watch(hints::add));
		assertThat(hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEmpty();
		cut.happen(this);
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> watch.get(LIMIT_SECONDS, TimeUnit.SECONDS))
			.withCauseInstanceOf(SQLException.class);
		this.proxy.pass();
		this.threads.submit(() -> this.store.watch(hints::add));
		assertThat(hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEmpty();
		acquire();
		assertThat(hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(this.election);
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
		BlockingQueue<String> hints = new LinkedBlockingQueue<>();
		this.threads.submit(() -> this.store.watch(hints::add));
		assertThat(hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEmpty();
		acquire();
		assertThat(this.proxy.connections()).isEqualTo(2);
		this.store.close();
		await().untilAsserted(() -> assertThat(this.proxy.connections()).isZero());
		await().untilAsserted(() -> assertThat(sessions()).isEqualTo("0"));
	}

	private Lease acquire() throws Exception {
		return assertHeld(this.store.acquire(List.of(claim(new LeaseRecord.Absent()))));
	}

	private Claim claim(LeaseRecord seen) {
		Self self = new Self(this.election, UUID.randomUUID().toString(), "node", Map.of());
		return new Claim(self, TIMING, seen, 0);
	}

	private Lease assertHeld(Map<String, Answer> answers) {
		assertThat(answers).containsOnlyKeys(this.election);
		assertThat(answers.get(this.election)).isInstanceOf(Answer.Held.class);
		return ((Answer.Held) answers.get(this.election)).lease();
	}

	private static void assertFails(Call call) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(call::run)
			.withMessageStartingWith("PostgreSQL at jdbc:postgresql://127.0.0.1:");
	}

	/** Far less than what would pass without a timeout, or with the driver's own. */
	private static void assertEndsInTime(Call call) {
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
			void begin(PostgresFaultsIT test) {
				test.proxy.freeze();
			}

		},

		/** The network loses everything. */
		BLACK_HOLE {

			@Override
			void begin(PostgresFaultsIT test) {
				test.proxy.blackHole();
			}

		},

		/** The network loses replies. */
		LOST_REPLIES {

			@Override
			void begin(PostgresFaultsIT test) {
				test.proxy.blackHole(Direction.TO_CLIENT);
			}

		},

		/** The server is suspended. */
		PAUSE {

			@Override
			void begin(PostgresFaultsIT test) {
				test.server.pause();
			}

			@Override
			void end(PostgresFaultsIT test) {
				test.server.resume();
			}

		};

		abstract void begin(PostgresFaultsIT test);

		void end(PostgresFaultsIT test) {
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
			void happen(PostgresFaultsIT test) {
				test.proxy.reset();
			}

		},

		/** The network resets connections and refuses new ones. */
		REFUSE {

			@Override
			void happen(PostgresFaultsIT test) {
				test.proxy.refuse();
			}

		},

		/** An administrator ends sessions. */
		TERMINATE {

			@Override
			void happen(PostgresFaultsIT test) {
				postgres.terminateSessions();
			}

		};

		abstract void happen(PostgresFaultsIT test);

	}

	/**
	 * Calls a store.
	 */
	@FunctionalInterface
	private interface Call {

		void run() throws Exception;

	}

}
