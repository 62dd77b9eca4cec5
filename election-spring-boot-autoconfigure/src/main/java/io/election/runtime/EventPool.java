package io.election.runtime;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which listeners are called: a few, and more only while all of them are
 * blocked by listeners.
 */
final class EventPool implements Executor {

	/** How long all threads must have been busy before there is one more. */
	static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	private static final int FEW = 4;

	private static final int MANY = 256;

	private final ThreadPoolExecutor threads;

	private long completed;

	private long stuckSince;

	EventPool(ThreadFactory factory) {
		this.threads = new ThreadPoolExecutor(FEW, FEW, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
		this.threads.allowCoreThreadTimeOut(true);
	}

	@Override
	public void execute(Runnable task) {
		this.threads.execute(task);
	}

	/** Whether tasks wait for a thread, so that {@link #relieve} needs to be called. */
	boolean isBehind() {
		return !this.threads.getQueue().isEmpty();
	}

	/** Adds a thread if nothing was begun for some time; called by one thread. */
	void relieve(long now) {
		int size = this.threads.getCorePoolSize();
		if (!isBehind()) {
			this.stuckSince = now;
			if (size > FEW) {
				resize(FEW);
			}
			return;
		}
		if (this.completed != this.threads.getCompletedTaskCount()) {
			this.completed = this.threads.getCompletedTaskCount();
			this.stuckSince = now;
		}
		if (now - this.stuckSince >= PATIENCE_NANOS && size < MANY) {
			resize(Math.min(MANY, size + FEW));
			this.stuckSince = now;
		}
	}

	/** Lets what runs run, and takes nothing more. */
	void close() {
		this.threads.shutdown();
	}

	private void resize(int size) {
		// The two bounds may never cross
		if (size > this.threads.getMaximumPoolSize()) {
			this.threads.setMaximumPoolSize(size);
			this.threads.setCorePoolSize(size);
		}
		else {
			this.threads.setCorePoolSize(size);
			this.threads.setMaximumPoolSize(size);
		}
	}

}
