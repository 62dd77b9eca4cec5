package io.election.store.jdbc;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import io.election.OnEachVersion;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The faults of all databases, and those of PostgreSQL alone.
 */
@OnEachVersion(PostgresVersion.class)
class PostgresFaultsIT extends JdbcFaultsContract {

	private static Postgres postgres;

	PostgresFaultsIT(PostgresVersion version) {
		super(postgres);
	}

	@BeforeParameterizedClassInvocation
	static void start(PostgresVersion version) {
		postgres = new Postgres(new PostgresServer(version).start());
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		postgres.server().close();
	}

	@Override
	void cause() throws Exception {
		acquire();
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
			assertThat(this.store.read(List.of(this.election)).get(this.election))
				.isInstanceOfSatisfying(LeaseRecord.Held.class, (held) -> assertThat(held.lease()).isEqualTo(renewed));
		}
		finally {
			this.server.execute("ALTER SYSTEM RESET wal_writer_delay", "SELECT pg_reload_conf()",
					"ALTER ROLE " + this.server.username() + " RESET synchronous_commit");
		}
	}

}
