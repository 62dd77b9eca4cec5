package io.election.core;

import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/**
 * Virtual time, in nanoseconds, and what is to happen in it. Actions of one instant
 * happen in the order in which they were entered.
 */
final class Agenda {

	private final PriorityQueue<Entry> entries = new PriorityQueue<>();

	private long now;

	private long entered;

	long now() {
		return this.now;
	}

	void at(long instant, Runnable action) {
		this.entries.add(new Entry(Math.max(instant, this.now), this.entered++, action));
	}

	void after(long delay, Runnable action) {
		at(this.now + delay, action);
	}

	/** Lets everything happen up to and including the given instant. */
	void runUntil(long instant) {
		runUntil(() -> false, instant);
	}

	/**
	 * Lets things happen until the condition is met, which is asked after each, but not
	 * beyond the given instant.
	 * @return whether it was met
	 */
	boolean runUntil(BooleanSupplier condition, long instant) {
		while (!condition.getAsBoolean()) {
			Entry next = this.entries.peek();
			if (next == null || next.at > instant) {
				this.now = Math.max(this.now, instant);
				return false;
			}
			this.entries.poll();
			this.now = next.at;
			next.action.run();
		}
		return true;
	}

	private record Entry(long at, long order, Runnable action) implements Comparable<Entry> {

		@Override
		public int compareTo(Entry other) {
			return (this.at != other.at) ? Long.compare(this.at, other.at) : Long.compare(this.order, other.order);
		}

	}

}
