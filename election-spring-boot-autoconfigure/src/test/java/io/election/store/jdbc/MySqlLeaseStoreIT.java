package io.election.store.jdbc;

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
import io.election.store.Registration;
import io.election.testing.servers.MySqlServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract of stores on MySQL and MariaDB, and what those promise beyond it.
 */
@OnEachVersion(MySql.Kind.class)
class MySqlLeaseStoreIT extends MySqlLeaseStoreContract {

	private static @Nullable MySql mysql;

	MySqlLeaseStoreIT(MySql.Kind kind) {
	}

	@BeforeParameterizedClassInvocation
	static void start(MySql.Kind kind) {
		mysql = MySql.start(kind.server().logStatements());
	}

	@AfterParameterizedClassInvocation
	static void nothingWasLoggedAsAnError() {
		try (MySqlServer server = mysql().server()) {
			assertThat(server.logErrors()).allMatch((entry) -> entry.contains("Aborted connection"));
		}
	}

	private static MySql mysql() {
		assertThat(mysql).isNotNull();
		return mysql;
	}

	@Override
	Database database() {
		return mysql();
	}

	@Test
	void everyCallIsOneStatement() throws Exception {
		LeaseStore store = store();
		String first = name();
		String second = name();
		List<Claim> claims = List.of(claim(candidate(first), new LeaseRecord.Absent()),
				claim(candidate(second), new LeaseRecord.Absent()));
		List<Lease> leases = leases(store.acquire(claims));
		Registration registration = new Registration(name(), "node", Map.of(), Set.of(first, second), KEEP);
		store.register(registration);
		assertStatements(1, () -> store.read(List.of(first, second)));
		assertStatements(1, () -> store.register(registration));
		assertStatements(1, () -> store.renew(leases));
		List<Lease> renewed = store.read(List.of(first, second))
			.values()
			.stream()
			.map((record) -> ((LeaseRecord.Held) record).lease())
			.toList();
		assertStatements(1, () -> store.release(renewed));
		assertStatements(1, () -> store.candidates(first));
		List<Claim> vacant = List.of(claim(candidate(first), read(store, first)),
				claim(candidate(second), read(store, second)));
		assertStatements(2, () -> assertThat(store.acquire(vacant).values()).hasOnlyElementsOfType(Answer.Held.class));
		assertStatements(2, () -> store.unregister(registration));
	}

	@Test
	void aThousandElectionsAreOneStatement() throws Exception {
		LeaseStore store = store();
		String nonce = name();
		List<Claim> claims = IntStream.range(0, 1000)
			.mapToObj((i) -> claim(new Self("an election with a name of usual length " + name(), nonce, "n", Map.of()),
					new LeaseRecord.Absent()))
			.toList();
		List<Lease> leases = leases(store.acquire(claims));
		assertStatements(1, () -> assertThat(store.renew(leases)).hasSize(1000));
		assertStatements(1, () -> assertThat(store.read(claims.stream().map(Claim::election).toList())).hasSize(1000));
	}

	private static void assertStatements(int expected, Call call) throws Exception {
		int before = mysql().server().statements().size();
		call.run();
		assertThat(mysql().server().statements()).hasSize(before + expected);
	}

	/**
	 * Calls a store.
	 */
	@FunctionalInterface
	private interface Call {

		void run() throws Exception;

	}

}
