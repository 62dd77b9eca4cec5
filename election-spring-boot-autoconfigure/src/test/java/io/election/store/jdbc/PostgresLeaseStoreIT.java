package io.election.store.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.store.Backend;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import io.election.store.LeaseStoreContract;
import io.election.store.Registration;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract of stores on PostgreSQL, and what PostgreSQL promises beyond it.
 */
@ParameterizedClass
@EnumSource
class PostgresLeaseStoreIT extends LeaseStoreContract {

	private static @Nullable PostgresServer server;

	private final Backend backend = backend(Map.of());

	PostgresLeaseStoreIT(PostgresVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(PostgresVersion version) {
		server = new PostgresServer(version).logStatements().start();
	}

	@AfterParameterizedClassInvocation
	static void nothingWasLoggedAsAnError() {
		try (PostgresServer stopping = server()) {
			assertThat(stopping.logErrors())
				.allMatch((entry) -> entry.contains("terminating connection due to administrator command"));
		}
	}

	private static PostgresServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	private static Backend backend(Map<String, String> properties) {
		return new JdbcBackend(new JdbcSettings(server().jdbcUrl(), null, server().username(), server().password(),
				properties, null, JdbcSettings.TABLE_PREFIX, true));
	}

	@Override
	protected Backend backend() {
		return this.backend;
	}

	@Override
	protected void deleteRecord(String election) throws Exception {
		update("DELETE FROM election_lease WHERE name = ?", election);
	}

	@Override
	protected void pass(Duration time) {
		String earlier = " - interval '" + time.toMillis() + " milliseconds'";
		server().execute("UPDATE election_lease SET renewed_at = renewed_at" + earlier,
				"UPDATE election_candidate SET last_seen = last_seen" + earlier);
	}

	@Override
	protected void breakConnections() {
		server().execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
				+ " WHERE application_name = 'election'");
	}

	@Test
	void everyCallIsOneStatement() throws Exception {
		LeaseStore store = store();
		String first = name();
		String second = name();
		List<Claim> claims = List.of(claim(candidate(first), new LeaseRecord.Absent()),
				claim(candidate(second), new LeaseRecord.Absent()));
		List<Lease> leases = store.acquire(claims).values().stream().map(LeaseStoreContract::lease).toList();
		Registration registration = new Registration(name(), "node", Map.of(), Set.of(first, second),
				Duration.ofSeconds(15));
		store.register(registration);
		assertStatements(1, () -> store.read(List.of(first, second)));
		assertStatements(1, () -> store.register(registration));
		assertStatements(1, () -> store.renew(leases));
		assertStatements(1, () -> store.release(leases));
		assertStatements(1, () -> store.candidates(first));
		List<Claim> vacant = List.of(claim(candidate(first), read(store, first)),
				claim(candidate(second), read(store, second)));
		assertStatements(1, () -> assertThat(store.acquire(vacant).values()).hasOnlyElementsOfType(Answer.Held.class));
		assertStatements(1, () -> store.unregister(registration));
	}

	@Test
	void aThousandElectionsAreOneStatement() throws Exception {
		LeaseStore store = store();
		String nonce = name();
		List<Claim> claims = IntStream.range(0, 1000)
			.mapToObj((i) -> claim(new Self("an election with a name of usual length " + name(), nonce, "n", Map.of()),
					new LeaseRecord.Absent()))
			.toList();
		List<Lease> leases = store.acquire(claims).values().stream().map(LeaseStoreContract::lease).toList();
		assertStatements(1, () -> assertThat(store.renew(leases)).hasSize(1000));
		assertStatements(1, () -> assertThat(store.read(claims.stream().map(Claim::election).toList())).hasSize(1000));
	}

	@Test
	void tenThousandElectionsAreServed() throws Exception {
		LeaseStore store = store();
		String nonce = name();
		List<Claim> claims = IntStream.range(0, 10_000)
			.mapToObj((i) -> claim(new Self(nonce + i, nonce, "node", Map.of()), new LeaseRecord.Absent()))
			.toList();
		List<Lease> leases = store.acquire(claims).values().stream().map(LeaseStoreContract::lease).toList();
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
		try (Lock foreign = lock("election_lease", locked.election())) {
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
		try (Lock application = lock("election_fence", lease.election())) {
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
		try (Lock foreign = new Lock(connect()); Statement statement = foreign.connection().createStatement()) {
			statement.execute("SELECT * FROM election_candidate FOR UPDATE");
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
		update("UPDATE election_fence SET term = 4711 WHERE name = ?", lease.election());
		assertThat(acquire(store, candidate(lease.election())).term()).isEqualTo(4712);
		deleteRecord(lease.election());
		assertThat(acquire(store, candidate(lease.election())).term()).isEqualTo(4713);
	}

	@Test
	void aFenceThatWasDeletedIsReplaced() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate(name()));
		update("DELETE FROM election_fence WHERE name = ?", lease.election());
		Claim claim = claim(candidate(lease.election()), read(store, lease.election()));
		assertThat(acquire(store, claim)).isEqualTo(new Answer.Busy());
		assertThat(lease(acquire(store, claim)).term()).isGreaterThan(lease.term());
	}

	@Test
	void theFenceOfACandidateThatCameNoFurtherIsNoRecord() throws Exception {
		LeaseStore store = store();
		acquire(store, candidate(name()));
		String election = name();
		update("INSERT INTO election_fence (name, term, lease_ms) VALUES (?, 0, 0)", election);
		assertThat(read(store, election)).isEqualTo(new LeaseRecord.Absent());
		assertThat(acquire(store, candidate(election)).term()).isEqualTo(1);
	}

	@Test
	void expiredRosterEntriesAreRemovedByWhoeverEnters() throws Exception {
		LeaseStore store = store();
		String election = name();
		String crashed = name();
		store.register(new Registration(crashed, "node", Map.of(), Set.of(election), Duration.ofSeconds(1)));
		pass(Duration.ofSeconds(4));
		store.register(new Registration(name(), "node", Map.of(), Set.of(election), Duration.ofSeconds(1)));
		assertThat(server().query("SELECT count(*) FROM election_candidate WHERE nonce = '" + crashed + "'"))
			.isEqualTo("0");
	}

	@Test
	void garbageInTheAttributesHidesNothing() throws Exception {
		LeaseStore store = store();
		Lease lease = acquire(store, candidate(name()));
		update("UPDATE election_lease SET attributes = 'a=100%&nothing&b=c' WHERE name = ?", lease.election());
		assertThat(held(store, lease.election()).attributes()).isEqualTo(Map.of("a", "100%", "b", "c"));
	}

	@Test
	void renewalsAreHeapOnlyUpdates() throws Exception {
		List<Claim> claims = IntStream.range(0, 100)
			.mapToObj((i) -> claim(candidate(name()), new LeaseRecord.Absent()))
			.toList();
		List<Lease> leases = store().acquire(claims).values().stream().map(LeaseStoreContract::lease).toList();
		long others = statistics("n_tup_upd - n_tup_hot_upd");
		long all = statistics("n_tup_upd");
		LeaseStore store = store();
		for (int i = 0; i < 20; i++) {
			leases = store.renew(leases).values().stream().map(LeaseStoreContract::lease).toList();
		}
		assertThat(statistics("n_tup_upd") - all).isEqualTo(2000);
		assertThat(statistics("n_tup_upd - n_tup_hot_upd") - others).as("of 2000").isLessThan(200);
	}

	private long statistics(String value) {
		// A session tells what it has done when it ends
		breakConnections();
		return Long.parseLong(
				server().query("SELECT " + value + " FROM pg_stat_user_tables WHERE relname = 'election_lease'"));
	}

	private static String name() {
		return UUID.randomUUID().toString();
	}

	private static void assertStatements(int expected, Call call) throws Exception {
		int before = server().statements().size();
		call.run();
		assertThat(server().statements()).hasSize(before + expected);
	}

	/** Locks the row of an election until closed. */
	private static Lock lock(String table, String election) throws Exception {
		Lock lock = new Lock(connect());
		try (PreparedStatement statement = lock.connection()
			.prepareStatement("SELECT * FROM " + table + " WHERE name = ? FOR SHARE")) {
			statement.setString(1, election);
			assertThat(statement.executeQuery().next()).isTrue();
		}
		return lock;
	}

	private static Connection connect() throws SQLException {
		return DriverManager.getConnection(server().jdbcUrl(), server().username(), server().password());
	}

	private static void update(String sql, String election) throws Exception {
		try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setString(1, election);
			assertThat(statement.executeUpdate()).isEqualTo(1);
		}
	}

	/**
	 * A transaction that holds locks.
	 */
	private record Lock(Connection connection) implements AutoCloseable {

		Lock {
			try {
				connection.setAutoCommit(false);
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		public void close() throws SQLException {
			// The server notices the end of a connection some time later
			this.connection.rollback();
			this.connection.close();
		}

	}

	/**
	 * Calls a store.
	 */
	@FunctionalInterface
	private interface Call {

		void run() throws Exception;

	}

}
