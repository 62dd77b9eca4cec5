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

	/** The queue whose task runs on the thread, if one does. */
	private static final ThreadLocal<@Nullable SerialQueue> running = new ThreadLocal<>();

	private final Executor pool;

	private final Deque<Task> tasks = new ArrayDeque<>();

	/** The task under way. Confined to the thread that drains. */
	private @Nullable Task current;

	private boolean active;

	private boolean closed;

	SerialQueue(Executor pool) {
		this.pool = pool;
	}

	/** Adds a task; does nothing after {@link #close()}. */
	void add(Runnable task) {
		add(task, () -> {
		});
	}

	/** Adds a task, and what is run once when it is over, however it ends. */
	void add(Runnable task, Runnable finished) {
		synchronized (this.tasks) {
			if (this.closed) {
				return;
			}
			this.tasks.add(new Task(task, finished));
			if (this.active) {
				return;
			}
			this.active = true;
		}
		this.pool.execute(this::drain);
	}

	/** Drops what has not begun. A task that runs is not waited for. */
	void close() {
		synchronized (this.tasks) {
			this.closed = true;
			this.tasks.clear();
		}
	}

	/**
	 * If a task of some queue runs on this very thread, counts it as over and runs what
	 * waits behind it, inside of it. For a task that waits for something that comes after
	 * itself.
	 */
	static void runNested() {
		SerialQueue queue = running.get();
		if (queue != null) {
			if (queue.current != null) {
				queue.current.finish();
			}
			queue.runAll();
		}
	}

	private void drain() {
		running.set(this);
		try {
			runAll();
		}
		finally {
			running.remove();
		}
		synchronized (this.tasks) {
			this.active = !this.tasks.isEmpty();
			if (!this.active) {
				return;
			}
		}
		this.pool.execute(this::drain);
	}

	private void runAll() {
		Task task = next();
		while (task != null) {
			this.current = task;
			try {
				task.body.run();
			}
			catch (Throwable ex) { // of user code: must not cost the events behind it
				logger.error("Listener failed", ex);
			}
			task.finish();
			task = next();
		}
		this.current = null;
	}

	private @Nullable Task next() {
		synchronized (this.tasks) {
			return this.tasks.poll();
		}
	}

	/** What is run, and what is run once when it is over. */
	private static final class Task {

		private final Runnable body;

		private @Nullable Runnable finished;

		private Task(Runnable body, Runnable finished) {
			this.body = body;
			this.finished = finished;
		}

		private void finish() {
			Runnable action = this.finished;
			this.finished = null;
			if (action != null) {
				action.run();
			}
		}

	}

}
