package io.election.runtime;

import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * Where elections have the time from. Another one than the system's is for tests.
 *
 * @param ticks nanoseconds that only grow, from any origin; decides everything
 * @param clock the wall clock, for instants that people see
 */
public record ElectionTime(LongSupplier ticks, Clock clock) {

	/** Makes readings small and, on one host, different from those of other processes. */
	private static final long ORIGIN = System.nanoTime();

	/**
	 * The time of this machine.
	 * @return the time
	 */
	public static ElectionTime system() {
		return new ElectionTime(() -> System.nanoTime() - ORIGIN, Clock.systemUTC());
	}

}
