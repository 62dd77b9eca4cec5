package io.election.testing.servers;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Waits for something that gives no notice when it comes true, such as the state of
 * another process.
 */
final class Await {

	private static final long INTERVAL_MILLIS = 5;

	private Await() {
	}

	/**
	 * Wait until a condition is true.
	 * @param limit how long at most
	 * @param condition the condition
	 * @return whether it came true
	 */
	static boolean until(Duration limit, BooleanSupplier condition) {
		long start = System.nanoTime();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - start > limit.toNanos()) {
				return false;
			}
			try {
				Thread.sleep(INTERVAL_MILLIS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException("Interrupted while waiting", ex);
			}
		}
		return true;
	}

}
