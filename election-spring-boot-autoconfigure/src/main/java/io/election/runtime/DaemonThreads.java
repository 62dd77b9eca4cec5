package io.election.runtime;

/**
 * Makes the threads of elections: daemons that inherit nothing from who starts them.
 */
final class DaemonThreads {

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

}
