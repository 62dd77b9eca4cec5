package io.election.store.memory;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Backend;
import io.election.store.LeaseStore;
import io.election.store.TimedLeaseStoreContract;

import static org.assertj.core.api.Assertions.assertThat;

class MemoryLeaseStoreTests extends TimedLeaseStoreContract {

	private volatile Instant now = Instant.now();

	private final MemoryBackend backend = new MemoryBackend(() -> this.now);

	@Override
	protected Backend backend() {
		return this.backend;
	}

	@Override
	protected void deleteRecord(String election) {
		synchronized (this.backend) {
			this.backend.rows.remove(election);
		}
	}

	@Override
	protected void touchRecord(String election) {
		synchronized (this.backend) {
			this.backend.rows.computeIfPresent(election, (name, row) -> {
				Lease lease = row.lease();
				return new MemoryBackend.Row(new Lease(name, lease.nonce(), lease.term(), lease.revision() + 1),
						row.holder(), row.timing(), row.acquiredAt(), row.renewedAt());
			});
		}
	}

	@Override
	protected void pass(Duration time) {
		this.now = this.now.plus(time);
	}

	@Override
	protected void breakConnections() {
		// There are none
	}

	@Test
	void theSharedBackendIsSharedAndOthersAreNot() throws Exception {
		try (LeaseStore store = MemoryBackend.shared().open(REQUEST_TIMEOUT);
				LeaseStore other = MemoryBackend.shared().open(REQUEST_TIMEOUT)) {
			acquire(store, candidate());
			held(other, candidate().election());
			assertThat(read(store(), candidate().election())).isEqualTo(new LeaseRecord.Absent());
			deleteShared();
		}
	}

	private void deleteShared() {
		MemoryBackend shared = MemoryBackend.shared();
		synchronized (shared) {
			shared.rows.remove(candidate().election());
			shared.fences.remove(candidate().election());
		}
	}

}
