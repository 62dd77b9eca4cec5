package io.election.core;

import java.time.Duration;
import java.util.Map;

/**
 * What a store holds for an election, as read at one instant.
 */
public sealed interface LeaseRecord {

	/** The highest fencing token that this record tells of, 0 if it tells of none. */
	long term();

	/** Whether both are the same write of the record. */
	boolean isSameAs(LeaseRecord other);

	/**
	 * There is neither a record nor a fence: as far as the store knows, nobody ever led.
	 */
	record Absent() implements LeaseRecord {

		@Override
		public long term() {
			return 0;
		}

		@Override
		public boolean isSameAs(LeaseRecord other) {
			return other instanceof Absent;
		}

	}

	/**
	 * The record is gone but its fence is there: somebody deleted it. Whoever led may not
	 * have noticed yet, so it counts as held.
	 *
	 * @param term the last term that the fence tells of
	 * @param leaseDuration the lease of the last holder as kept in the fence, zero if the
	 * fence does not tell
	 */
	record Vanished(long term, Duration leaseDuration) implements LeaseRecord {

		@Override
		public boolean isSameAs(LeaseRecord other) {
			return equals(other);
		}

	}

	/**
	 * The last leader gave the lease back, anybody may claim it at once.
	 *
	 * @param lease the identity of the record; its nonce is empty
	 */
	record Vacant(Lease lease) implements LeaseRecord {

		@Override
		public long term() {
			return this.lease.term();
		}

		@Override
		public boolean isSameAs(LeaseRecord other) {
			return other instanceof Vacant vacant && vacant.lease.equals(this.lease);
		}

	}

	/** Somebody holds the lease. */
	sealed interface Taken extends LeaseRecord {

		/** The identity of the record. */
		Lease lease();

		/** The label of the holder. */
		String candidateId();

		/** What the holder tells about itself. */
		Map<String, String> attributes();

		/**
		 * When the term began by the clock of the store, in milliseconds since the epoch;
		 * for people only.
		 */
		long since();

		@Override
		default long term() {
			return lease().term();
		}

	}

	/**
	 * Somebody holds the lease until the time is over for which it was last renewed.
	 *
	 * @param lease the identity of the record
	 * @param candidateId the label of the holder
	 * @param attributes what the holder tells about itself
	 * @param since when the term began by the clock of the store, in milliseconds since
	 * the epoch; for people only
	 * @param leaseDuration the holder's lease duration
	 * @param renewDeadline the holder's renew deadline
	 * @param age the time since the last renewal by the clock of the store
	 */
	record Held(Lease lease, String candidateId, Map<String, String> attributes, long since, Duration leaseDuration,
			Duration renewDeadline, Duration age) implements Taken {

		public Held {
			attributes = Map.copyOf(attributes);
		}

		@Override
		public boolean isSameAs(LeaseRecord other) {
			return other instanceof Held held && held.lease.equals(this.lease);
		}

	}

	/**
	 * Somebody holds the lease until the store itself ends it, which shows as another
	 * record. However long nothing changes, nobody else may claim it.
	 *
	 * @param lease the identity of the record
	 * @param candidateId the label of the holder
	 * @param attributes what the holder tells about itself
	 * @param since when the term began by the clock of the store, in milliseconds since
	 * the epoch; for people only
	 */
	record Kept(Lease lease, String candidateId, Map<String, String> attributes, long since) implements Taken {

		public Kept {
			attributes = Map.copyOf(attributes);
		}

		@Override
		public boolean isSameAs(LeaseRecord other) {
			return other instanceof Kept kept && kept.lease.equals(this.lease);
		}

	}

}
