package io.election.store.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import io.election.store.memory.MemoryBackend.Entry;
import io.election.store.memory.MemoryBackend.Fence;
import io.election.store.memory.MemoryBackend.Row;

/**
 * Access to the elections of a {@link MemoryBackend}.
 */
final class MemoryLeaseStore implements LeaseStore {

	private final MemoryBackend backend;

	/** What the watching thread is to tell. */
	private final BlockingQueue<Hint> changes = new LinkedBlockingQueue<>();

	private volatile boolean watched;

	private volatile boolean closed;

	MemoryLeaseStore(MemoryBackend backend) {
		this.backend = backend;
		backend.stores.add(this);
	}

	@Override
	public Map<String, LeaseRecord> read(Collection<String> elections) {
		Map<String, LeaseRecord> records = new HashMap<>();
		synchronized (this.backend) {
			requireOpen();
			elections.forEach((election) -> records.put(election, read(election)));
		}
		return records;
	}

	private LeaseRecord read(String election) {
		Row row = this.backend.rows.get(election);
		if (row == null) {
			Fence fence = this.backend.fences.get(election);
			return (fence != null) ? new LeaseRecord.Vanished(fence.term(), fence.lease()) : new LeaseRecord.Absent();
		}
		if (row.lease().nonce().isEmpty()) {
			return new LeaseRecord.Vacant(row.lease());
		}
		return new LeaseRecord.Held(row.lease(), row.holder().candidateId(), row.holder().attributes(),
				row.acquiredAt(), row.timing().leaseDuration(), row.timing().renewDeadline(),
				Duration.ofMillis(now() - row.renewedAt()));
	}

	@Override
	public Map<String, Answer> acquire(List<Claim> claims) {
		Map<String, Answer> answers = new HashMap<>();
		synchronized (this.backend) {
			requireOpen();
			claims.forEach((claim) -> answers.put(claim.election(), acquire(claim)));
		}
		return answers;
	}

	private Answer acquire(Claim claim) {
		String election = claim.election();
		LeaseRecord record = read(election);
		if (!record.isSameAs(claim.seen())) {
			return new Answer.Refused(record);
		}
		Row row = this.backend.rows.get(election);
		Fence fence = this.backend.fences.get(election);
		long highestTerm = Math.max(record.term(), Math.max(claim.highestTerm(), (fence != null) ? fence.term() : 0));
		Lease lease = new Lease(election, claim.candidate().nonce(), highestTerm + 1,
				(row != null) ? row.lease().revision() + 1 : 1);
		this.backend.rows.put(election, new Row(lease, claim.candidate(), claim.timing(), now(), now()));
		this.backend.fences.put(election, new Fence(lease.term(), claim.timing().leaseDuration()));
		changed(Hint.of(election));
		return new Answer.Held(lease);
	}

	@Override
	public Map<String, Answer> renew(List<Lease> leases) {
		Map<String, Answer> answers = new HashMap<>();
		synchronized (this.backend) {
			requireOpen();
			leases.forEach((lease) -> answers.put(lease.election(), renew(lease)));
		}
		return answers;
	}

	private Answer renew(Lease lease) {
		Row row = this.backend.rows.get(lease.election());
		if (row == null || !row.lease().equals(lease)) {
			return new Answer.Refused(read(lease.election()));
		}
		Lease renewed = new Lease(lease.election(), lease.nonce(), lease.term(), lease.revision() + 1);
		this.backend.rows.put(lease.election(), new Row(renewed, row.holder(), row.timing(), row.acquiredAt(), now()));
		return new Answer.Held(renewed);
	}

	@Override
	public Map<String, Answer> release(List<Lease> leases) {
		Map<String, Answer> answers = new HashMap<>();
		synchronized (this.backend) {
			requireOpen();
			leases.forEach((lease) -> answers.put(lease.election(), release(lease)));
		}
		return answers;
	}

	private Answer release(Lease lease) {
		Row row = this.backend.rows.get(lease.election());
		if (row != null && row.lease().nonce().equals(lease.nonce()) && row.lease().term() == lease.term()) {
			Lease vacant = new Lease(lease.election(), "", lease.term(), row.lease().revision() + 1);
			this.backend.rows.put(lease.election(),
					new Row(vacant, row.holder(), row.timing(), row.acquiredAt(), now()));
			changed(new Hint(lease.election(), new LeaseRecord.Vacant(vacant)));
		}
		return new Answer.Released();
	}

	private void changed(Hint hint) {
		for (MemoryLeaseStore store : this.backend.stores) {
			if (store.watched) {
				store.changes.add(hint);
			}
		}
	}

	@Override
	public boolean watch(Consumer<Hint> hints) throws InterruptedException {
		this.watched = true;
		try {
			for (Hint change = Hint.ANY; !this.closed; change = this.changes.take()) {
				hints.accept(change);
			}
			return true;
		}
		finally {
			this.watched = false;
		}
	}

	@Override
	public void register(Registration registration) {
		synchronized (this.backend) {
			requireOpen();
			this.backend.roster.values().removeIf(this::isExpired);
			this.backend.roster.merge(registration.nonce(), new Entry(registration, now()), (known, added) -> {
				Set<String> all = new HashSet<>(known.registration().elections());
				all.addAll(registration.elections());
				return new Entry(with(registration, all), added.lastSeen());
			});
		}
	}

	@Override
	public void unregister(Registration registration) {
		synchronized (this.backend) {
			requireOpen();
			this.backend.roster.computeIfPresent(registration.nonce(), (nonce, entry) -> {
				Registration known = entry.registration();
				Set<String> rest = new HashSet<>(known.elections());
				rest.removeAll(registration.elections());
				return new Entry(with(known, rest), entry.lastSeen());
			});
		}
	}

	private static Registration with(Registration registration, Set<String> elections) {
		return new Registration(registration.nonce(), registration.candidateId(), registration.attributes(), elections,
				registration.keep());
	}

	@Override
	public List<RosterEntry> candidates(String election) {
		List<RosterEntry> candidates = new ArrayList<>();
		synchronized (this.backend) {
			requireOpen();
			for (Entry entry : this.backend.roster.values()) {
				Registration known = entry.registration();
				if (known.elections().contains(election) && !isExpired(entry)) {
					candidates.add(new RosterEntry(known.nonce(), known.candidateId(), known.attributes(),
							Instant.ofEpochMilli(entry.lastSeen())));
				}
			}
		}
		return candidates;
	}

	private boolean isExpired(Entry entry) {
		return now() - entry.lastSeen() > 3 * entry.registration().keep().toMillis();
	}

	private long now() {
		return this.backend.clock.millis();
	}

	private void requireOpen() {
		if (this.closed) {
			throw new IllegalStateException("The store is closed");
		}
	}

	@Override
	public void close() {
		this.closed = true;
		this.backend.stores.remove(this);
		this.changes.add(Hint.ANY);
	}

}
