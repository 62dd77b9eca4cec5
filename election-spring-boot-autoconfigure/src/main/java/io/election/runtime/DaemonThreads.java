package io.election.runtime;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Makes the threads of elections: daemons that inherit nothing from who starts them.
 */
final class DaemonThreads {

	private static final Log logger = LogFactory.getLog(DaemonThreads.class);

	private DaemonThreads() {
	}

	/**
	 * Makes a thread, which is yet to be started.
	 * @param classLoader the application's, which listeners and checks need where they
	 * load classes
	 */
	static Thread create(Runnable task, String name, ClassLoader classLoader) {
		Thread thread = new Thread(null, task, name, 0, false);
		thread.setDaemon(true);
		thread.setContextClassLoader(classLoader);
		return thread;
	}

	/**
	 * Makes a thread that nothing ends but the return of its task: the task is run again
	 * if it throws, an {@code OutOfMemoryError} for example.
	 */
	static Thread createLasting(Runnable task, String name, ClassLoader classLoader) {
		String failure = "Thread " + name + " failed and goes on";
		return create(() -> Safely.runToTheEnd(logger, failure, task), name, classLoader);
	}

}
