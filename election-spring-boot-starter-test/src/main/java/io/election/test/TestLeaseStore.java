package io.election.test;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
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

/**
 * The application's way to a {@link TestBackend}.
 */
final class TestLeaseStore implements LeaseStore {

	private final TestBackend backend;

	private final TestTime time;

	/** Empty for the end. */
	private final BlockingQueue<Optional<Hint>> hints = new LinkedBlockingQueue<>();

	private final Map<String, RosterEntry> roster = new ConcurrentHashMap<>();

	TestLeaseStore(TestBackend backend, TestTime time) {
		this.backend = backend;
		this.time = time;
	}

	void hint(Hint hint) {
		this.hints.add(Optional.of(hint));
	}

	@Override
	public Map<String, LeaseRecord> read(Collection<String> elections) {
		Map<String, LeaseRecord> records = new HashMap<>();
		for (String election : elections) {
			if (!this.backend.isSilent(election)) {
				records.put(election, this.backend.record(election));
			}
		}
		return records;
	}

	@Override
	public Map<String, Answer> acquire(List<Claim> claims) {
		Map<String, Answer> answers = new HashMap<>();
		for (Claim claim : claims) {
			if (!this.backend.isSilent(claim.election())) {
				answers.put(claim.election(), acquire(claim));
			}
		}
		return answers;
	}

	private Answer acquire(Claim claim) {
		synchronized (this.backend) {
			LeaseRecord record = this.backend.record(claim.election());
			if (!(record instanceof LeaseRecord.Vacant) || !record.isSameAs(claim.seen())) {
				return new Answer.Refused(record);
			}
			Lease lease = new Lease(claim.election(), claim.candidate().nonce(),
					Math.max(record.term(), claim.highestTerm()) + 1, 1);
			this.backend.write(claim.election(),
					new LeaseRecord.Held(lease, claim.candidate().candidateId(), claim.candidate().attributes(),
							this.time.now().toEpochMilli(), claim.timing().leaseDuration(),
							claim.timing().renewDeadline(), Duration.ZERO));
			return new Answer.Held(lease);
		}
	}

	@Override
	public Map<String, Answer> renew(List<Lease> leases) {
		Map<String, Answer> answers = new HashMap<>();
		for (Lease lease : leases) {
			if (!this.backend.isSilent(lease.election())) {
				LeaseRecord record = this.backend.record(lease.election());
				answers.put(lease.election(),
						isHeld(record, lease)
								? new Answer.Held(
										new Lease(lease.election(), lease.nonce(), lease.term(), lease.revision() + 1))
								: new Answer.Refused(record));
			}
		}
		return answers;
	}

	@Override
	public Map<String, Answer> release(List<Lease> leases) {
		Map<String, Answer> answers = new HashMap<>();
		for (Lease lease : leases) {
			if (!this.backend.isSilent(lease.election())) {
				release(lease);
				answers.put(lease.election(), new Answer.Released());
			}
		}
		return answers;
	}

	private void release(Lease lease) {
		synchronized (this.backend) {
			if (isHeld(this.backend.record(lease.election()), lease)) {
				this.backend.released(lease.election());
			}
		}
	}

	private static boolean isHeld(LeaseRecord record, Lease lease) {
		return record instanceof LeaseRecord.Held held && held.lease().nonce().equals(lease.nonce())
				&& held.term() == lease.term();
	}

	@Override
	public boolean watch(Consumer<Hint> consumer) throws InterruptedException {
		consumer.accept(Hint.ANY);
		Optional<Hint> hint = this.hints.take();
		while (hint.isPresent()) {
			consumer.accept(hint.get());
			hint = this.hints.take();
		}
		return false;
	}

	@Override
	public void register(Registration registration) {
		for (String election : registration.elections()) {
			this.roster.put(election, new RosterEntry(registration.nonce(), registration.candidateId(),
					registration.attributes(), this.time.now()));
		}
	}

	@Override
	public void unregister(Registration registration) {
		this.roster.keySet().removeAll(registration.elections());
	}

	@Override
	public List<RosterEntry> candidates(String election) {
		RosterEntry entry = this.roster.get(election);
		return (entry != null) ? List.of(entry) : List.of();
	}

	@Override
	public void close() {
		this.backend.closed(this);
		this.hints.add(Optional.empty());
	}

}
