package io.election.runtime;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The threads on which listeners are called: a few, and one more for each that is blocked
 * by a listener, as long as it is.
 */
final class EventPool implements Executor {

	private static final Log logger = LogFactory.getLog(EventPool.class);

	/** After how long a task counts as blocked. */
	static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	static final int FEW = 4;

	static final int MANY = 256;

	private final LongSupplier ticks;

	private final ThreadPoolExecutor threads;

	/** The tasks that run. */
	private final Set<Run> runs = ConcurrentHashMap.newKeySet();

	/** Whether the last try to start a thread failed. */
	private boolean lacking;

	/** There was no memory to queue a task. */
	private volatile boolean refused;

	EventPool(LongSupplier ticks, ThreadFactory factory) {
		this.ticks = ticks;
		this.threads = new ThreadPoolExecutor(FEW, FEW, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
		this.threads.setMaximumPoolSize(MANY);
		this.threads.allowCoreThreadTimeOut(true);
	}

	/** Runs a task some time, unless this throws something. */
	@Override
	public void execute(Runnable task) {
		// Not threads.execute(), which throws where no thread can be started, and has or
		// has not queued the task then
		boolean queued = false;
		try {
			this.threads.getQueue().add(new Run(task));
			queued = true;
		}
		finally {
			this.refused |= !queued;
		}
		relieve();
	}

	/** Whether a task was refused since the last call, so that it has to ask again. */
	boolean hasRefused() {
		boolean refused = this.refused;
		this.refused = false;
		return refused;
	}

	/** Whether tasks wait for a thread, so that {@link #relieve} needs to be called. */
	boolean isBehind() {
		return !this.threads.getQueue().isEmpty();
	}

	/** Makes up for threads that are blocked; throws nothing. */
	synchronized void relieve() {
		try {
			long now = this.ticks.getAsLong();
			long blocked = this.runs.stream().filter((run) -> now - run.startedAt >= PATIENCE_NANOS).count();
			int size = (int) Math.min(MANY, FEW + blocked);
			if (size != this.threads.getCorePoolSize()) {
				this.threads.setCorePoolSize(size);
			}
			this.threads.prestartCoreThread();
			this.lacking = false;
		}
		catch (Throwable ex) {
			Safely.log(logger, "No thread for listeners can be started, trying again", this.lacking, ex);
			this.lacking = true;
		}
	}

	/** Lets what runs run, and takes nothing more. */
	void close() {
		this.threads.shutdown();
	}

	/** A task that waits or runs. */
	private final class Run implements Runnable {

		private final Runnable task;

		private volatile long startedAt;

		Run(Runnable task) {
			this.task = task;
		}

		@Override
		public void run() {
			try {
				this.startedAt = EventPool.this.ticks.getAsLong();
				EventPool.this.runs.add(this);
			}
			catch (Throwable ex) { // it runs all the same, it just is not made up for
				Safely.log(logger, "A blocked listener would not be noticed", ex);
			}
			boolean ended = false;
			while (!ended) { // what throws has not begun
				try {
					this.task.run();
					ended = true;
				}
				catch (Throwable ex) {
					Safely.log(logger, "Listeners cannot be called, trying again", ex);
				}
			}
			EventPool.this.runs.remove(this);
		}

	}

}
