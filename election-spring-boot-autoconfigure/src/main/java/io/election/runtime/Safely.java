package io.election.runtime;

import org.apache.commons.logging.Log;

/**
 * Runs what may throw anything, where whatever comes next must run all the same.
 */
final class Safely {

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
	 * @param repeated whether it threw something before, so that this is no news
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

	private static void log(Log logger, String failure, boolean repeated, Throwable thrown) {
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
