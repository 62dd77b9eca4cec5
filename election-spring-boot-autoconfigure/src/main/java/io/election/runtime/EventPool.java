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

	EventPool(LongSupplier ticks, ThreadFactory factory) {
		this.ticks = ticks;
		this.threads = new ThreadPoolExecutor(FEW, FEW, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
		this.threads.setMaximumPoolSize(MANY);
		this.threads.allowCoreThreadTimeOut(true);
	}

	/** Runs a task some time; throws nothing. */
	@Override
	public void execute(Runnable task) {
		// Not threads.execute(), which throws where no thread can be started, and has or
		// has not queued the task then
		this.threads.getQueue().add(() -> run(task));
		relieve();
	}

	/** Whether tasks wait for a thread, so that {@link #relieve} needs to be called. */
	boolean isBehind() {
		return !this.threads.getQueue().isEmpty();
	}

	/** Makes up for threads that are blocked. */
	synchronized void relieve() {
		long now = this.ticks.getAsLong();
		long blocked = this.runs.stream().filter((run) -> now - run.startedAt >= PATIENCE_NANOS).count();
		int size = (int) Math.min(MANY, FEW + blocked);
		boolean repeated = this.lacking;
		this.lacking = !Safely.run(logger, "No thread for listeners can be started, trying again", repeated, () -> {
			if (size != this.threads.getCorePoolSize()) {
				this.threads.setCorePoolSize(size);
			}
			this.threads.prestartCoreThread();
		});
	}

	/** Lets what runs run, and takes nothing more. */
	void close() {
		this.threads.shutdown();
	}

	private void run(Runnable task) {
		Run run = new Run(this.ticks.getAsLong());
		this.runs.add(run);
		try {
			task.run();
		}
		finally {
			this.runs.remove(run);
		}
	}

	/** A task that runs. */
	private static final class Run {

		private final long startedAt;

		Run(long startedAt) {
			this.startedAt = startedAt;
		}

	}

}
