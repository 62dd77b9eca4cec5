package io.election.store.jdbc;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Hint;
import io.election.store.LeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What stores promise on MySQL and MariaDB.
 */
abstract class MySqlLeaseStoreContract extends JdbcLeaseStoreContract {

	@Override
	@Test
	protected void hintsTellOfTakeOversAndReleases() throws Exception {
		// Only of releases, by a leader that watches, to one that waits and watches
		LeaseStore leader = store();
		Lease lease = acquire(leader, candidate());
		read(leader, this.election);
		this.threads.submit(() -> leader.watch((hint) -> {
		}));
		await().untilAsserted(() -> assertThat(locks()).isEqualTo("1"));
		LeaseStore waiting = store();
		read(waiting, this.election);
		BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();
		this.threads.submit(() -> waiting.watch(hints::add));
		assertThat(hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(Hint.ANY);
		await().untilAsserted(() -> assertThat(waitingForLocks()).isEqualTo("1"));
		assertThat(hints).isEmpty();
		assertReleased(leader, lease);
		LeaseRecord vacant = read(waiting, this.election);
		assertThat(awaitHint(hints, this.election).vacated()).isEqualTo(vacant);
		acquire(waiting, candidate());
	}

	private String locks() {
		return database().server()
			.query("SELECT IS_USED_LOCK(SHA2(CONCAT(DATABASE(), '//election_/" + this.election
					+ "'), 256)) IS NOT NULL");
	}

	private String waitingForLocks() {
		return database().server()
			.query("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User lock'");
	}

}
