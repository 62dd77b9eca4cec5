package io.election.store.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import io.election.OnEachVersion;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.jdbc.Database.Lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The faults of all databases, and those of MySQL and MariaDB alone.
 */
@OnEachVersion(MySql.Kind.class)
class MySqlFaultsIT extends JdbcFaultsContract {

	private static MySql mysql;

	private @Nullable Lock bell;

	MySqlFaultsIT(MySql.Kind kind) {
		super(mysql);
	}

	@BeforeParameterizedClassInvocation
	static void start(MySql.Kind kind) {
		mysql = MySql.start(kind.server());
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		mysql.server().close();
	}

	@Override
	void cause() throws Exception {
		assertThat(this.bell).isNotNull();
		this.bell.close();
	}

	@Override
	void awaitWatching() throws Exception {
		this.bell = this.database
			.lock("SELECT GET_LOCK(SHA2(CONCAT(DATABASE(), '//election_/" + this.election + "'), 256), 0)");
		this.store.read(List.of(this.election));
		await().untilAsserted(() -> assertThat(this.server
			.query("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT GET_LOCK%'"))
			.isEqualTo("1"));
	}

	@Test
	void aLeaseOutlivesACrashOfTheServer() throws Exception {
		Lease lease = acquire();
		this.server.kill();
		this.server.start();
		assertThat(this.store.read(List.of(this.election)).get(this.election))
			.isInstanceOfSatisfying(LeaseRecord.Held.class, (held) -> assertThat(held.lease()).isEqualTo(lease));
	}

	@Test
	void aServerThatTakesNoWritesIsNoPlaceForElections() throws Exception {
		Lease lease = acquire();
		this.server.execute("SET GLOBAL read_only = ON");
		try {
			// Of who may everything MariaDB takes writes all the same
			this.server.createUser("limited", "secret");
			this.server.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON election.* TO limited");
			JdbcSettings settings = MySql.settings(this.server.jdbcUrl(), "limited", "secret", false);
			try (var limited = new JdbcBackend(settings).open(REQUEST_TIMEOUT)) {
				assertThat(limited.read(List.of(this.election))).containsKey(this.election);
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> limited.renew(List.of(lease)))
					.withMessageContaining("read-only")
					.withMessageContaining("the URL has to lead to the primary");
			}
		}
		finally {
			this.server.execute("SET GLOBAL read_only = OFF", "DROP USER limited");
		}
		assertHeld(this.store.renew(List.of(lease)));
	}

	@Test
	void aRowThatIsLockedAddsNoTimeToACall() throws Exception {
		Lease lease = acquire();
		try (Lock other = this.database.lock("SELECT * FROM election_lease FOR UPDATE")) {
			long start = System.nanoTime();
			for (int i = 0; i < 10; i++) {
				assertThat(this.store.renew(List.of(lease))).hasSize(1);
				assertThat(this.store.release(List.of(lease))).isEqualTo(Map.of());
				assertThat(this.store.acquire(List.of(claim(new LeaseRecord.Held(lease, "", Map.of(), 0,
						REQUEST_TIMEOUT, REQUEST_TIMEOUT, REQUEST_TIMEOUT)))))
					.hasSize(1);
			}
			// Waiting for one of them would take a second
			assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
		}
		assertHeld(this.store.renew(List.of(lease)));
	}

}
