package io.election.runtime;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one after the other on threads of a pool that it shares with other queues. A
 * task that blocks holds up its own queue only.
 * <p>
 * A task that fails with an {@link Error} is run again until it does not, before the
 * next: there may be memory again then. So each has to go on where it failed.
 */
final class SerialQueue {

	private static final Log logger = LogFactory.getLog(SerialQueue.class);

	private static final String FAILED = "Listener failed";

	private static final String NO_THREAD = "No thread for listeners can be asked for, trying again";

	/** The queue whose tasks run on the thread, if one's do. */
	private static final ThreadLocal<@Nullable SerialQueue> running = new ThreadLocal<>();

	private final Executor pool;

	/** Of a kind that is as it was if there is no memory for one more. */
	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	/** Made once: to ask for a thread takes no memory of its own. */
	private final Runnable drain = this::drain;

	private final Runnable enter = this::enter;

	private final Runnable runAll = this::runAll;

	/** The task that failed and is to be run again. */
	private @Nullable Runnable failed;

	/** How often it failed in a row. */
	private int failures;

	private volatile @Nullable Throwable failure;

	/** Whether a thread runs the tasks or was asked for. */
	private boolean active;

	private boolean closed;

	SerialQueue(Executor pool) {
		this.pool = pool;
	}

	/**
	 * Adds a task; does nothing after {@link #close()}. If this throws something, the
	 * task was not added.
	 */
	void add(Runnable task) {
		synchronized (this.tasks) {
			if (this.closed) {
				return;
			}
			this.tasks.add(task);
		}
		try {
			resume();
		}
		catch (Throwable ex) { // it was added all the same, and the next asks again
			Safely.log(logger, NO_THREAD, ex);
		}
	}

	/** Asks for a thread if tasks wait for none, since there was none to be had. */
	void resume() {
		synchronized (this.tasks) {
			if (this.active || !isWaiting()) {
				return;
			}
			this.active = true;
		}
		boolean asked = false;
		try {
			this.pool.execute(this.drain);
			asked = true;
		}
		catch (Throwable ex) { // no memory: whoever resumes or adds later asks again
			Safely.log(logger, NO_THREAD, ex);
		}
		finally {
			if (!asked) {
				pass();
			}
		}
	}

	private void pass() {
		synchronized (this.tasks) {
			this.active = false;
		}
	}

	private boolean isWaiting() {
		return this.failed != null || !this.tasks.isEmpty();
	}

	/** What the task at hand keeps failing with, {@code null} if it does not. */
	@Nullable Throwable failure() {
		return this.failure;
	}

	/** Whether a task waits or runs. */
	boolean isActive() {
		synchronized (this.tasks) {
			return this.active || isWaiting();
		}
	}

	/** Drops what has not begun. A task that runs is not waited for. */
	void close() {
		synchronized (this.tasks) {
			this.closed = true;
			this.tasks.clear();
			this.failed = null;
		}
	}

	/**
	 * If a task of some queue over the given pool runs on this very thread, runs what
	 * waits behind it, inside of it, and lets another thread run what comes later. For a
	 * task that waits for something that comes after itself.
	 */
	static void runNested(Executor pool) {
		SerialQueue queue = running.get();
		if (queue != null && queue.pool == pool) {
			boolean interrupted = Thread.interrupted(); // not meant for what is nested
			queue.runAll();
			running.remove();
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void drain() {
		Safely.runToTheEnd(logger, FAILED, this.enter);
		Safely.runToTheEnd(logger, FAILED, this.runAll);
		running.remove();
	}

	private void enter() {
		running.set(this);
	}

	/** Until nothing is left, or another thread goes on after a nested run. */
	private void runAll() {
		while (running.get() == this && runNext()) {
			Thread.interrupted(); // by the task, and not meant for the next
		}
	}

	private boolean runNext() {
		Runnable task = null;
		try {
			task = next();
			if (task == null) {
				return false;
			}
			task.run();
			this.failures = 0;
			this.failure = null;
		}
		catch (Throwable ex) {
			failed(task, ex);
		}
		return true;
	}

	private @Nullable Runnable next() {
		synchronized (this.tasks) {
			Runnable task = this.failed;
			if (task == null) {
				task = this.tasks.poll();
			}
			this.failed = null;
			this.active = task != null;
			return task;
		}
	}

	private void failed(@Nullable Runnable task, Throwable thrown) {
		if (thrown instanceof Error) {
			this.failure = thrown;
			synchronized (this.tasks) {
				this.failed = this.closed ? null : task;
			}
			this.failures++;
		}
		if (Safely.isWorthALine(this.failures)) {
			Safely.log(logger, FAILED, thrown);
		}
		Safely.pause(this.failures);
		if (running.get() != this) {
			resume(); // no thread may be left after a nested run
		}
	}

}
