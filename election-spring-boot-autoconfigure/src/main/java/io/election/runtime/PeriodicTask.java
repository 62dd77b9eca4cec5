package io.election.runtime;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * A task that is run again and again, with a pause in between, on a daemon thread of its
 * own: it may block. What it throws is logged and does not end it.
 */
public final class PeriodicTask implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(PeriodicTask.class);

	private final String failure;

	private final Duration pause;

	private final Runnable task;

	private final CountDownLatch closed = new CountDownLatch(1);

	private PeriodicTask(String name, Duration pause, Runnable task) {
		this.failure = "Task " + name + " failed";
		this.pause = pause;
		this.task = task;
	}

	/**
	 * Runs a task for the first time at once.
	 * @param name the name of the thread
	 * @param pause between the end of a run and the next
	 * @param task the task
	 * @return the task, to be closed
	 */
	public static PeriodicTask start(String name, Duration pause, Runnable task) {
		PeriodicTask started = new PeriodicTask(name, pause, task);
		DaemonThreads.createLasting(started::run, name, Thread.currentThread().getContextClassLoader()).start();
		return started;
	}

	private void run() {
		do {
			Safely.run(logger, this.failure, this.task);
		}
		while (!isClosedAfterPause());
	}

	private boolean isClosedAfterPause() {
		try {
			return this.closed.await(this.pause.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			return false; // nobody of ours interrupts
		}
	}

	/**
	 * Has the task not be run any more; a run under way is not waited for.
	 */
	@Override
	public void close() {
		this.closed.countDown();
	}

}
