package io.election.store.nats;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;

import io.nats.client.Options;

/**
 * The threads of a connection. Those that the client library makes by itself would keep a
 * JVM alive that has nothing else to do.
 */
final class Threads implements AutoCloseable {

	private final ExecutorService workers = Executors.newCachedThreadPool(daemons("election-nats"));

	/** One at a time, in order. */
	private final ExecutorService callbacks = Executors.newSingleThreadExecutor(daemons("election-nats-callback"));

	private final ScheduledExecutorService timer = Executors
		.newSingleThreadScheduledExecutor(daemons("election-nats-timer"));

	private static ThreadFactory daemons(String name) {
		return (task) -> {
			Thread thread = new Thread(task, name);
			thread.setDaemon(true);
			return thread;
		};
	}

	Options.Builder use(Options.Builder builder) {
		return builder.executor(this.workers)
			.connectExecutor(this.workers)
			.callbackExecutor(this.callbacks)
			.scheduledExecutor(this.timer);
	}

	ExecutorService workers() {
		return this.workers;
	}

	ExecutorService callbacks() {
		return this.callbacks;
	}

	/** Ends them when they have done what they were given. */
	@Override
	public void close() {
		this.timer.shutdownNow();
		this.callbacks.shutdown();
		this.workers.shutdown();
	}

}
