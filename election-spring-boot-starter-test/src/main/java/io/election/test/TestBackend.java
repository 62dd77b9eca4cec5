package io.election.test;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.BiFunction;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Backend;
import io.election.store.ElectionNames;
import io.election.store.Hint;
import io.election.store.LeaseStore;

/**
 * A backend that does as a test says. Whatever the application does not hold, somebody
 * else leads: {@value #ANOTHER}, unless the test names one.
 */
final class TestBackend implements Backend {

	static final String ANOTHER = "another";

	private final TestTime time;

	/** Guarded by this backend, as is everything below. */
	private final Map<String, LeaseRecord> records = new HashMap<>();

	private final Map<String, Successor> successors = new HashMap<>();

	private final Set<String> silent = new HashSet<>();

	private final Set<TestLeaseStore> stores = new CopyOnWriteArraySet<>();

	TestBackend(TestTime time) {
		this.time = time;
	}

	@Override
	public String name() {
		return "test";
	}

	@Override
	public void checkName(String election) {
		ElectionNames.check(election);
	}

	@Override
	public LeaseStore open(Duration requestTimeout) {
		TestLeaseStore store = new TestLeaseStore(this, this.time);
		this.stores.add(store);
		return store;
	}

	void closed(TestLeaseStore store) {
		this.stores.remove(store);
	}

	/** Lets the application have the lease. */
	void offer(String election) {
		change(election, TestBackend::vacant);
	}

	/**
	 * Has another candidate lead.
	 * @return the token of its term
	 */
	long seize(String election, String candidateId, Map<String, String> attributes) {
		return change(election, (name, term) -> held(name, term + 1, new Successor(candidateId, attributes)));
	}

	/**
	 * Takes an offer back that was not accepted.
	 * @return the token of who leads
	 */
	synchronized long retake(String election) {
		LeaseRecord record = record(election);
		return (record instanceof LeaseRecord.Vacant) ? seize(election, ANOTHER, Map.of()) : record.term();
	}

	/**
	 * Names who is to lead when the application gives the lease back.
	 * @return the token of its term
	 */
	synchronized long succeed(String election, String candidateId) {
		this.successors.put(election, new Successor(candidateId, Map.of()));
		return record(election).term() + 1;
	}

	synchronized void silence(String election) {
		this.silent.add(election);
	}

	synchronized void answer(String election) {
		this.silent.remove(election);
	}

	synchronized boolean isSilent(String election) {
		return this.silent.contains(election);
	}

	synchronized LeaseRecord record(String election) {
		return this.records.computeIfAbsent(election, (name) -> held(name, 1, new Successor(ANOTHER, Map.of())));
	}

	/** Replaces a record by that of the application. */
	synchronized void write(String election, LeaseRecord record) {
		this.records.put(election, record);
	}

	/** The application has given the lease back. */
	void released(String election) {
		change(election, (name, term) -> {
			Successor successor = this.successors.remove(name);
			return held(name, term + 1, (successor != null) ? successor : new Successor(ANOTHER, Map.of()));
		});
	}

	private long change(String election, BiFunction<String, Long, LeaseRecord> change) {
		LeaseRecord record;
		synchronized (this) {
			record = change.apply(election, record(election).term());
			this.records.put(election, record);
		}
		Hint hint = new Hint(election, (record instanceof LeaseRecord.Vacant vacant) ? vacant : null);
		this.stores.forEach((store) -> store.hint(hint));
		return record.term();
	}

	private static LeaseRecord vacant(String election, long term) {
		return new LeaseRecord.Vacant(new Lease(election, "", term, 1));
	}

	private LeaseRecord held(String election, long term, Successor holder) {
		return new LeaseRecord.Kept(new Lease(election, "of " + holder.candidateId(), term, 1), holder.candidateId(),
				holder.attributes(), this.time.now().toEpochMilli());
	}

	/** Another candidate. */
	private record Successor(String candidateId, Map<String, String> attributes) {
	}

}
