package io.election.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one after the other on threads of a pool that it shares with other queues. A
 * task that blocks holds up its own queue only.
 */
final class SerialQueue {

	private static final Log logger = LogFactory.getLog(SerialQueue.class);

	/** The queue whose tasks run on the thread, if one's do. */
	private static final ThreadLocal<@Nullable SerialQueue> running = new ThreadLocal<>();

	private final Executor pool;

	private final Deque<Runnable> tasks = new ArrayDeque<>();

	/** Whether a thread runs the tasks or was asked for. */
	private boolean active;

	private boolean closed;

	SerialQueue(Executor pool) {
		this.pool = pool;
	}

	/** Adds a task; does nothing after {@link #close()}. */
	void add(Runnable task) {
		synchronized (this.tasks) {
			if (this.closed) {
				return;
			}
			this.tasks.add(task);
			if (this.active) {
				return;
			}
			this.active = true;
		}
		this.pool.execute(this::drain);
	}

	/** Whether a task waits or runs. */
	boolean isActive() {
		synchronized (this.tasks) {
			return this.active;
		}
	}

	/** Drops what has not begun. A task that runs is not waited for. */
	void close() {
		synchronized (this.tasks) {
			this.closed = true;
			this.tasks.clear();
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
		running.set(this);
		runAll();
		running.remove();
	}

	private void runAll() {
		Runnable task = next();
		while (task != null) {
			Safely.run(logger, "Listener failed", task);
			Thread.interrupted(); // by the task, and not meant for the next
			task = (running.get() == this) ? next() : null;
		}
	}

	private @Nullable Runnable next() {
		synchronized (this.tasks) {
			Runnable task = this.tasks.poll();
			this.active = task != null;
			return task;
		}
	}

}
