package io.election.testing.integration;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Uses the memory of this process up.
 */
final class Heap {

	private static final int LARGEST = 1 << 20;

	private static final int SMALLEST = 16;

	private Heap() {
	}

	/**
	 * Fills the heap to the last bytes, with arrays of falling size, again and again for
	 * the given time. Then frees all.
	 */
	static void fill(Duration time) {
		long end = System.nanoTime() + time.toNanos();
		@Nullable Object[] latest = new Object[2]; // each array holds the one before
		int size = LARGEST;
		while (System.nanoTime() < end) {
			try {
				Object[] next = new Object[size / 4];
				next[0] = latest;
				latest = next;
			}
			catch (OutOfMemoryError ex) {
				size = (size > SMALLEST) ? size / 2 : LARGEST;
			}
		}
	}

}
