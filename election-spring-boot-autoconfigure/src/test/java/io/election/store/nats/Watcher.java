package io.election.store.nats;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.election.store.Hint;
import io.election.store.LeaseStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A thread that watches elections, once.
 */
final class Watcher implements AutoCloseable {

	private static final long LIMIT_SECONDS = 20;

	private final BlockingQueue<Hint> hints = new LinkedBlockingQueue<>();

	/** What the watch ended with. */
	private final CompletableFuture<Exception> end = new CompletableFuture<>();

	private final Thread thread;

	Watcher(LeaseStore store) {
		this.thread = new Thread(() -> {
			try {
				store.watch(this.hints::add);
				this.end.complete(new IllegalStateException("The store was closed"));
			}
			catch (Exception ex) {
				this.end.complete(ex);
			}
		});
		this.thread.setDaemon(true);
		this.thread.start();
	}

	/** There may be more hints than there were changes. */
	void awaitHint(String election) throws InterruptedException {
		Hint hint = this.hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
		while (hint != null && !hint.election().equals(election)) {
			hint = this.hints.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
		}
		assertThat(hint).as(() -> "hint; the end was " + this.end).isNotNull();
	}

	Exception end() throws Exception {
		return this.end.get(LIMIT_SECONDS, TimeUnit.SECONDS);
	}

	boolean isWatching() {
		return !this.end.isDone();
	}

	@Override
	public void close() {
		this.thread.interrupt();
	}

}
