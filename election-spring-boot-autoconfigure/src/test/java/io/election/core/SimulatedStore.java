package io.election.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A linearizable store with the semantics of the SQL stores: a lease record and a fence
 * per election, compare-and-set on nonce, term and revision, ages by the server's own
 * clock.
 */
class SimulatedStore {

	private final Map<String, Cell> cells = new HashMap<>();

	private final LongSupplier realTime;

	private final LongSupplier serverClock;

	SimulatedStore(LongSupplier realTime, LongSupplier serverClock) {
		this.realTime = realTime;
		this.serverClock = serverClock;
	}

	/** What is kept of an election. */
	Cell cell(String election) {
		return this.cells.computeIfAbsent(election, (name) -> new Cell());
	}

	Answer execute(Self self, Timing timing, Request request) {
		Cell cell = cell(self.election());
		if (request instanceof Request.Acquire acquire) {
			return acquire(cell, self, timing, acquire);
		}
		if (request instanceof Request.Renew renew) {
			return renew(cell, self, timing, renew);
		}
		if (request instanceof Request.Release release) {
			return release(cell, release.lease());
		}
		return new Answer.Seen(read(cell));
	}

	Answer acquire(Cell cell, Self self, Timing timing, Request.Acquire request) {
		if (!read(cell).isSameAs(request.seen())) {
			return new Answer.Refused(read(cell));
		}
		long term = nextTerm(cell, request);
		Lease lease = new Lease(self.election(), self.nonce(), term, cell.revision() + 1);
		cell.fenceTerm = term;
		cell.fenceLease = timing.leaseDuration();
		write(cell, new LeaseRecord.Held(lease, self.candidateId(), self.attributes(), this.serverClock.getAsLong(),
				timing.leaseDuration(), timing.renewDeadline(), Duration.ZERO));
		return new Answer.Held(lease);
	}

	long nextTerm(Cell cell, Request.Acquire request) {
		long kept = Math.max(read(cell).term(), cell.fenceTerm);
		return (cell.makesTokens ? kept : Math.max(kept, request.highestTerm())) + 1;
	}

	Answer renew(Cell cell, Self self, Timing timing, Request.Renew request) {
		if (!(cell.record instanceof LeaseRecord.Held held) || !held.lease().equals(request.lease())) {
			return new Answer.Refused(read(cell));
		}
		Lease lease = new Lease(self.election(), self.nonce(), held.term(), cell.revision() + 1);
		write(cell, new LeaseRecord.Held(lease, self.candidateId(), self.attributes(), held.since(),
				timing.leaseDuration(), timing.renewDeadline(), Duration.ZERO));
		return new Answer.Held(lease);
	}

	Answer release(Cell cell, Lease lease) {
		if (cell.record instanceof LeaseRecord.Held held && held.lease().nonce().equals(lease.nonce())
				&& held.term() == lease.term()) {
			vacate(cell, held);
		}
		return new Answer.Released();
	}

	final void vacate(Cell cell, LeaseRecord.Held held) {
		write(cell, new LeaseRecord.Vacant(new Lease(held.lease().election(), "", held.term(), cell.revision() + 1)));
	}

	LeaseRecord read(Cell cell) {
		if (cell.record instanceof LeaseRecord.Held held) {
			return new LeaseRecord.Held(held.lease(), held.candidateId(), held.attributes(), held.since(),
					held.leaseDuration(), held.renewDeadline(),
					Duration.ofNanos(this.serverClock.getAsLong() - cell.writtenAtByServer));
		}
		if (cell.record == null && cell.fenceTerm > 0) {
			return new LeaseRecord.Vanished(cell.fenceTerm, cell.fenceLease);
		}
		return (cell.record != null) ? cell.record : new LeaseRecord.Absent();
	}

	/** Writes a held record again, as it is. */
	final void touch(Cell cell, LeaseRecord.Held held) {
		Lease lease = held.lease();
		Lease again = new Lease(lease.election(), lease.nonce(), lease.term(), lease.revision() + 1);
		write(cell, new LeaseRecord.Held(again, held.candidateId(), held.attributes(), held.since(),
				held.leaseDuration(), held.renewDeadline(), Duration.ZERO));
	}

	/** Loses both rows, and makes tokens anew, as etcd and NATS might. */
	final void forget(Cell cell) {
		cell.record = null;
		cell.fenceTerm = 0;
		cell.makesTokens = true;
	}

	/** Puts a record there, without a look at what was there before. */
	final void write(Cell cell, LeaseRecord record) {
		cell.record = record;
		cell.writtenAt = this.realTime.getAsLong();
		cell.writtenAtByServer = this.serverClock.getAsLong();
		cell.writes++;
	}

	/** The two rows of an election. */
	static final class Cell {

		/** Held or vacant, {@code null} if there is no lease row. */
		LeaseRecord record;

		long writtenAtByServer;

		/** 0 if there is no fence row. */
		long fenceTerm;

		Duration fenceLease = Duration.ZERO;

		/** Whether tokens are made as in etcd and NATS, whatever candidates have seen. */
		boolean makesTokens;

		/** Real time of the last write, for who checks. */
		long writtenAt;

		/** Number of writes, for who checks. */
		long writes;

		long revision() {
			if (this.record instanceof LeaseRecord.Held held) {
				return held.lease().revision();
			}
			return (this.record instanceof LeaseRecord.Vacant vacant) ? vacant.lease().revision() : 0;
		}

	}

}
