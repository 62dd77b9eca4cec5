package io.election.store.nats;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.election.core.LeaseRecord;

/**
 * What was last seen of elections, and when first. While a watch tells of every change,
 * that is what they are like now.
 * <p>
 * The revisions of a stream only grow, so of two sightings the one with the higher
 * revision is the newer one, whichever arrived first. Where a server tells otherwise, the
 * stream has lost writes and the watch is not believed any more.
 */
final class Sightings {

	/** Of whatever was never seen. */
	private static final Sighting NOTHING = new Sighting(0, new LeaseRecord.Absent(), 0);

	private final Map<String, Sighting> sightings = new ConcurrentHashMap<>();

	/** How long a watch may be silent and still be believed. */
	private final Duration patience;

	private volatile boolean watched;

	private volatile boolean complete;

	/** When the watch was last heard of. */
	private volatile long heardAt;

	Sightings(Duration patience) {
		this.patience = patience;
	}

	/** A watch begins, which will tell of everything there is first. */
	void watchBegins() {
		this.watched = true;
		this.complete = false;
		this.sightings.clear();
	}

	/** The watch has told of everything there is. */
	void watchIsComplete() {
		this.heardAt = System.nanoTime();
		this.complete = this.watched;
	}

	/**
	 * The watch shows that it is alive.
	 * @return whether it is still believed
	 */
	boolean watchIsAlive() {
		this.heardAt = System.nanoTime();
		return this.watched;
	}

	void watchEnds() {
		this.watched = false;
		this.complete = false;
	}

	/** Whether what was last seen is what there is. */
	boolean areCurrent() {
		return this.complete && System.nanoTime() - this.heardAt < this.patience.toNanos();
	}

	Sighting get(String election) {
		return this.sightings.getOrDefault(election, NOTHING);
	}

	/** A change that the watch has told of, or one's own write. */
	Sighting changed(String election, long revision, LeaseRecord record) {
		Sighting change = new Sighting(revision, record, System.nanoTime());
		return this.sightings.merge(election, change, Sightings::later);
	}

	/** What a server has told that was asked at the given instant. */
	Sighting read(String election, long revision, LeaseRecord record, long askedAt) {
		Sighting known = get(election);
		if (known.revision() > revision && (!this.watched || known.seenAt() - askedAt < 0)) {
			watchEnds();
			this.sightings.remove(election, known);
		}
		return (revision > 0) ? changed(election, revision, record) : NOTHING;
	}

	private static Sighting later(Sighting known, Sighting added) {
		boolean isSame = known.revision() == added.revision() && known.record().isSameAs(added.record());
		return (isSame || known.revision() > added.revision()) ? known : added;
	}

	/**
	 * A write that was seen.
	 *
	 * @param revision its revision, 0 if there was none
	 * @param record the record
	 * @param seenAt when it was first seen
	 */
	record Sighting(long revision, LeaseRecord record, long seenAt) {

		/** The record, at least as old as it was seen. */
		LeaseRecord aged() {
			if (!(this.record instanceof LeaseRecord.Held held)) {
				return this.record;
			}
			return new LeaseRecord.Held(held.lease(), held.candidateId(), held.attributes(), held.since(),
					held.leaseDuration(), held.renewDeadline(), Duration.ofNanos(System.nanoTime() - this.seenAt));
		}

	}

}
