package io.election.store.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;

/**
 * When to give up the user lock in which the candidates of an election wait for its
 * leader to go: what the thread that watches has to know from the thread that calls.
 * <p>
 * The leader holds the lock, or waits for it as well, and gives it up when its record is
 * vacant, to enter again behind the others. Who gets the lock then is alone in trying at
 * once, and keeps it until it leads no more, or until it sees somebody else take or renew
 * the lease: if it gave the lock up before, all that wait would wake each other without
 * end. Who does not claim, being paused for instance, or who has left the election, gives
 * it up in vain.
 */
final class Doorbell {

	private @Nullable String election;

	/** The lease that this process holds. */
	private @Nullable Lease own;

	/** What was read first since the lock was had. */
	private @Nullable LeaseRecord seen;

	private boolean over;

	/**
	 * Whether somebody led all the time since the lock was had, without waiting for it.
	 */
	private boolean inVain;

	/** Whether a claim was answered since the lock was had. */
	private boolean claimed;

	/** When somebody last called for the election. */
	private long calledAt = System.nanoTime();

	private boolean closed;

	/** Says which election it is for. */
	synchronized void assign(String name) {
		this.election = name;
		this.calledAt = System.nanoTime();
		notifyAll();
	}

	/** Whether it is for the given election. */
	synchronized boolean isFor(String name) {
		return name.equals(this.election);
	}

	/** A record was read. */
	synchronized void read(LeaseRecord record) {
		this.calledAt = System.nanoTime();
		boolean held = record instanceof LeaseRecord.Held;
		if (this.own != null) {
			if (!held || !isOwn(((LeaseRecord.Held) record).lease())) {
				lost();
			}
		}
		else if (this.seen == null) {
			this.seen = record;
		}
		else if (held && !record.isSameAs(this.seen)) {
			giveUp(record.term() == this.seen.term());
		}
	}

	/** A call was answered. */
	synchronized void answered(Answer answer) {
		this.calledAt = System.nanoTime();
		this.claimed = true;
		notifyAll();
		if (answer instanceof Answer.Held held) {
			this.own = held.lease();
			this.over = false;
		}
		else if (answer instanceof Answer.Refused refused) {
			read(refused.record());
		}
		else if (answer instanceof Answer.Released && this.own != null) {
			lost();
		}
	}

	private boolean isOwn(Lease lease) {
		return this.own != null && lease.nonce().equals(this.own.nonce()) && lease.term() == this.own.term();
	}

	private void lost() {
		this.own = null;
		giveUp(false);
	}

	private void giveUp(boolean inVain) {
		this.over = true;
		this.inVain = inVain;
		notifyAll();
	}

	/**
	 * The lock was had.
	 * @return whether it is worth a try to take the lease
	 */
	synchronized boolean rung() {
		this.seen = null;
		this.over = false;
		this.claimed = false;
		return this.own == null;
	}

	/** Waits for an election, {@code null} if there was none in the given time. */
	synchronized @Nullable String awaitElection(Duration limit) throws SQLException {
		if (this.election == null || this.closed) {
			await(limit);
		}
		return this.election;
	}

	/** Waits for a claim, and gives up in vain if there is none in the given time. */
	synchronized void awaitClaim(Duration limit) throws SQLException {
		long until = System.nanoTime() + limit.toNanos();
		for (long left = limit.toNanos(); left > 0 && !this.claimed && !this.over; left = until - System.nanoTime()) {
			await(Duration.ofNanos(left));
		}
		if (!this.claimed && !this.over) {
			giveUp(true);
		}
	}

	/**
	 * Waits for the end of the time in which to keep the lock. It has come, too, if
	 * nobody calls for the election any more, because it was left.
	 * @param limit how long to wait
	 * @param idle after how long without a call that is so; five times that for a lease,
	 * whose leader looks again when it has run out at the latest
	 */
	synchronized boolean awaitEnd(Duration limit, Duration idle) throws SQLException {
		long until = System.nanoTime() + limit.toNanos();
		for (long left = limit.toNanos(); left > 0 && !this.over; left = until - System.nanoTime()) {
			await((idle.toNanos() < left) ? idle : Duration.ofNanos(left));
			long longest = idle.toNanos() * ((this.own != null) ? 5 : 1);
			if (!this.over && System.nanoTime() - this.calledAt > longest) {
				this.own = null;
				this.election = null;
				giveUp(true);
			}
		}
		return this.over;
	}

	/** Stays out for a time after the lock was given up, for a longer one if in vain. */
	synchronized void stayOut(Duration usually, Duration inVain) throws SQLException {
		long left = (this.inVain ? inVain : usually).toNanos();
		long until = System.nanoTime() + left;
		while (left > 0) {
			await(Duration.ofNanos(left));
			left = until - System.nanoTime();
		}
	}

	private void await(Duration limit) throws SQLException {
		try {
			if (!this.closed) {
				TimeUnit.NANOSECONDS.timedWait(this, limit.toNanos());
			}
		}
		catch (InterruptedException ex) {
			throw new SQLException("Interrupted", ex);
		}
		if (this.closed) {
			throw new SQLException("The store is closed");
		}
	}

	/** Ends every wait. */
	synchronized void close() {
		this.closed = true;
		notifyAll();
	}

}
