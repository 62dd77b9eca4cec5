package io.election.store.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import io.election.OnEachVersion;
import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import io.election.store.TimedLeaseStoreContract;
import io.election.store.Registration;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract of stores on PostgreSQL, and what PostgreSQL promises beyond it.
 */
@OnEachVersion(PostgresVersion.class)
class PostgresLeaseStoreIT extends JdbcLeaseStoreContract {

	private static @Nullable Postgres postgres;

	PostgresLeaseStoreIT(PostgresVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(PostgresVersion version) {
		postgres = new Postgres(new PostgresServer(version).logStatements().start());
	}

	@AfterParameterizedClassInvocation
	static void nothingWasLoggedAsAnError() {
		try (PostgresServer server = server()) {
			assertThat(server.logErrors())
				.allMatch((entry) -> entry.contains("terminating connection due to administrator command"));
		}
	}

	private static Postgres postgres() {
		assertThat(postgres).isNotNull();
		return postgres;
	}

	private static PostgresServer server() {
		return postgres().server();
	}

	@Override
	Database database() {
		return postgres();
	}

	@Test
	void everyCallIsOneStatement() throws Exception {
		LeaseStore store = store();
		String first = name();
		String second = name();
		List<Claim> claims = List.of(claim(candidate(first), new LeaseRecord.Absent()),
				claim(candidate(second), new LeaseRecord.Absent()));
		List<Lease> leases = store.acquire(claims).values().stream().map(TimedLeaseStoreContract::lease).toList();
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
		List<Lease> leases = store.acquire(claims).values().stream().map(TimedLeaseStoreContract::lease).toList();
		assertStatements(1, () -> assertThat(store.renew(leases)).hasSize(1000));
		assertStatements(1, () -> assertThat(store.read(claims.stream().map(Claim::election).toList())).hasSize(1000));
	}

	@Test
	void renewalsAreHeapOnlyUpdates() throws Exception {
		List<Claim> claims = IntStream.range(0, 100)
			.mapToObj((i) -> claim(candidate(name()), new LeaseRecord.Absent()))
			.toList();
		List<Lease> leases = store().acquire(claims).values().stream().map(TimedLeaseStoreContract::lease).toList();
		long others = statistics("n_tup_upd - n_tup_hot_upd");
		long all = statistics("n_tup_upd");
		LeaseStore store = store();
		for (int i = 0; i < 20; i++) {
			leases = store.renew(leases).values().stream().map(TimedLeaseStoreContract::lease).toList();
		}
		assertThat(statistics("n_tup_upd") - all).isEqualTo(2000);
		assertThat(statistics("n_tup_upd - n_tup_hot_upd") - others).as("of 2000").isLessThan(200);
	}

	private long statistics(String value) throws Exception {
		// A session tells what it has done when it ends
		breakConnections();
		return Long.parseLong(
				server().query("SELECT " + value + " FROM pg_stat_user_tables WHERE relname = 'election_lease'"));
	}

	private static void assertStatements(int expected, Call call) throws Exception {
		int before = server().statements().size();
		call.run();
		assertThat(server().statements()).hasSize(before + expected);
	}

	/**
	 * Calls a store.
	 */
	@FunctionalInterface
	private interface Call {

		void run() throws Exception;

	}

}
