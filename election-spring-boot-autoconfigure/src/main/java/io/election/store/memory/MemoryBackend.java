package io.election.store.memory;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

import io.election.core.Lease;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Backend;
import io.election.store.ElectionNames;
import io.election.store.LeaseStore;
import io.election.store.Registration;

/**
 * Keeps elections in the memory of this JVM: for development, and for tests in which
 * several application contexts elect a leader among each other.
 */
public final class MemoryBackend implements Backend {

	private static final MemoryBackend SHARED = new MemoryBackend(InstantSource.system());

	/** Guarded by this backend, as are fences and roster. */
	final Map<String, Row> rows = new HashMap<>();

	/** The highest term of each election, and its lease. */
	final Map<String, Fence> fences = new HashMap<>();

	/** By nonce. */
	final Map<String, Entry> roster = new HashMap<>();

	final Set<MemoryLeaseStore> stores = new CopyOnWriteArraySet<>();

	final InstantSource clock;

	/**
	 * Makes a backend whose elections nobody else takes part in.
	 * @param clock tells the age of records
	 */
	public MemoryBackend(InstantSource clock) {
		this.clock = clock;
	}

	/**
	 * The backend that everybody in this JVM shares.
	 * @return the backend
	 */
	public static MemoryBackend shared() {
		return SHARED;
	}

	@Override
	public String name() {
		return "memory";
	}

	@Override
	public void checkName(String election) {
		ElectionNames.check(election);
	}

	@Override
	public LeaseStore open(Duration requestTimeout) {
		return new MemoryLeaseStore(this);
	}

	/**
	 * The record of an election.
	 *
	 * @param lease its identity; the nonce is empty where nobody holds the lease
	 * @param holder who wrote it
	 * @param timing the holder's numbers
	 * @param acquiredAt when the term began, in milliseconds since the epoch
	 * @param renewedAt when it was last renewed
	 */
	record Row(Lease lease, Self holder, Timing timing, long acquiredAt, long renewedAt) {
	}

	/**
	 * What remains of a record that was deleted.
	 *
	 * @param term the highest term there was
	 * @param lease the lease of its holder
	 */
	record Fence(long term, Duration lease) {
	}

	/**
	 * The entry of a process in the roster.
	 *
	 * @param registration the process and its elections
	 * @param lastSeen when it was last repeated, in milliseconds since the epoch
	 */
	record Entry(Registration registration, long lastSeen) {
	}

}
