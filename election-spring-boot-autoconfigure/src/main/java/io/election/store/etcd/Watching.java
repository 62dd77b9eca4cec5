package io.election.store.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import org.jspecify.annotations.Nullable;

/**
 * One watch of all elections, on a connection of its own, until something ends it.
 */
final class Watching implements Watch.Listener, AutoCloseable {

	private final Client client;

	private final Layout layout;

	private final Consumer<String> hints;

	private final CompletableFuture<Void> begin = new CompletableFuture<>();

	private final CompletableFuture<Void> end = new CompletableFuture<>();

	Watching(EtcdSettings settings, Layout layout, Consumer<String> hints) {
		this.client = settings.client().build();
		this.layout = layout;
		this.hints = hints;
	}

	/**
	 * Watches.
	 * @param limit how long the connection may take
	 */
	void watch(Duration limit) throws Exception {
		// A member that has lost the others ends the watch; it would be silent for ever
		WatchOption option = WatchOption.builder()
			.isPrefix(true)
			.withRequireLeader(true)
			.withCreateNotify(true)
			.build();
		this.client.getWatchClient().watch(this.layout.everything(), option, this);
		try {
			CompletableFuture.anyOf(this.begin, this.end).get(limit.toNanos(), TimeUnit.NANOSECONDS);
			this.end.get();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

	@Override
	public void onNext(WatchResponse response) {
		if (response.isCreatedNotify()) {
			this.begin.complete(null);
			this.hints.accept("");
		}
		for (WatchEvent event : response.getEvents()) {
			String election = this.layout.election(event.getKeyValue().getKey());
			if (election != null) {
				this.hints.accept(election);
			}
		}
	}

	@Override
	public void onError(Throwable failure) {
		this.end.completeExceptionally(failure);
	}

	@Override
	public void onCompleted() {
		this.end.complete(null);
	}

	@Override
	public void close() {
		this.client.close();
	}

}
