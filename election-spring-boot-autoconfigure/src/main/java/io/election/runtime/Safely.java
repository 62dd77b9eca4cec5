package io.election.runtime;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;

/**
 * Runs what may throw anything, where whatever comes next must run all the same.
 */
final class Safely {

	private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

	private Safely() {
	}

	/**
	 * Runs a task and logs what it throws.
	 * @return whether it threw nothing
	 */
	static boolean run(Log logger, String failure, Runnable task) {
		return run(logger, failure, false, task);
	}

	/**
	 * Runs a task and logs what it throws.
	 * @param repeated whether it threw something before and was logged then
	 * @return whether it threw nothing
	 */
	static boolean run(Log logger, String failure, boolean repeated, Runnable task) {
		try {
			task.run();
			return true;
		}
		catch (Throwable ex) { // errors as well: no memory now may be memory later
			log(logger, failure, repeated, ex);
			return false;
		}
	}

	/**
	 * Runs the whole body of a thread, again and again until it returns instead of
	 * throwing something. What it needs is made before: nothing here takes memory.
	 */
	static void runToTheEnd(Log logger, String failure, Runnable body) {
		boolean ended = false;
		int failures = 0;
		while (!ended) {
			try {
				body.run();
				ended = true;
			}
			catch (Throwable ex) {
				failures++;
				logAndPause(logger, failure, ex, failures);
			}
		}
	}

	/** What to do about a failure before the next try; throws nothing. */
	static void logAndPause(Log logger, String failure, Throwable thrown, int failures) {
		try {
			if (isWorthALine(failures)) {
				log(logger, failure, thrown);
			}
			pause(failures);
		}
		catch (Throwable ex) {
			// It goes on without a pause
		}
	}

	/** Whether to log what has failed so often in a row: less and less often. */
	static boolean isWorthALine(int failures) {
		return Integer.bitCount(failures) <= 1;
	}

	/**
	 * Lets a while pass in which there may be memory again.
	 * @param failures how often something failed in a row; up to a second is for ten
	 */
	static void pause(int failures) {
		LockSupport.parkNanos(SHORTEST_PAUSE << Math.min(failures, 10));
	}

	/** Logs what was thrown, if that is possible. */
	static void log(Log logger, String failure, Throwable thrown) {
		log(logger, failure, false, thrown);
	}

	static void log(Log logger, String failure, boolean repeated, Throwable thrown) {
		try {
			if (repeated) {
				logger.debug(failure, thrown);
			}
			else {
				logger.error(failure, thrown);
			}
		}
		catch (Throwable ex) {
			// Of a log appender; there is nothing left to tell it with
		}
	}

}
