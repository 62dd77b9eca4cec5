package io.election.store.etcd;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import io.election.store.Hint;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.grpc.Deadline;

/**
 * A watch of all elections, on a connection of its own. The client library resumes it
 * where it can; what cannot be resumed ends it.
 */
final class Watching implements Watch.Listener, AutoCloseable {

	/**
	 * How often a watch is asked whether it is alive. Threads of the client library may
	 * have ended, which would have noticed that a connection is dead.
	 */
	private static final int LIMITS_BETWEEN_CHECKS = 10;

	private final Client client;

	private final Layout layout;

	private final Records records;

	private final Consumer<Hint> hints;

	private final BlockingQueue<State> states = new LinkedBlockingQueue<>();

	private volatile Exception failure = new TimeoutException("etcd did not begin to watch");

	/**
	 * Makes a watch that has not begun, without contact to a server.
	 * @param client what it watches with
	 * @param records knows who led
	 * @param hints told of elections, and of any whenever changes may have been missed
	 */
	Watching(ClientBuilder client, Layout layout, Records records, Consumer<Hint> hints) {
		this.client = client.build();
		this.layout = layout;
		this.records = records;
		this.hints = hints;
	}

	/**
	 * Watches until the watch has ended.
	 * @param limit how long it may take to begin, and to be resumed
	 * @throws Exception what ended it, or why it was closed
	 */
	void watch(Duration limit) throws Exception {
		// A member that has lost touch with the others would be silent for ever
		WatchOption option = WatchOption.builder()
			.isPrefix(true)
			.withRequireLeader(true)
			.withCreateNotify(true)
			.withPrevKV(true)
			.build();
		Watch.Watcher watcher = this.client.getWatchClient().watch(this.layout.everything(), option, this);
		State state = State.INTERRUPTED;
		Deadline deadline = Deadline.after(limit.toNanos(), TimeUnit.NANOSECONDS);
		while (state != State.ENDED) {
			if (state == State.ALIVE) {
				state = this.states.poll(limit.multipliedBy(LIMITS_BETWEEN_CHECKS).toNanos(), TimeUnit.NANOSECONDS);
				if (state == null) {
					watcher.requestProgress();
					state = State.ASKED;
					this.failure = new TimeoutException("The watch is silent");
				}
				deadline = Deadline.after(limit.toNanos(), TimeUnit.NANOSECONDS);
			}
			else {
				State next = this.states.poll(deadline.timeRemaining(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS);
				state = (next != null) ? next : State.ENDED;
			}
		}
		throw this.failure;
	}

	@Override
	public void onNext(WatchResponse response) {
		if (response.isCreatedNotify()) {
			this.states.add(State.ALIVE);
			this.hints.accept(Hint.ANY);
		}
		else if (response.isProgressNotify()) {
			this.states.add(State.ALIVE);
		}
		for (WatchEvent event : response.getEvents()) {
			String election = this.layout.election(event.getKeyValue().getKey());
			if (election != null) {
				this.hints.accept(hint(election, event));
			}
		}
	}

	/**
	 * Whoever claims and is not first deletes its key as well, so that every claim would
	 * cause further ones if the deletion of any key counted as a vacancy.
	 */
	private Hint hint(String election, WatchEvent event) {
		boolean vacated = event.getEventType() == WatchEvent.EventType.DELETE
				&& this.records.wasLeader(election, event.getPrevKV().getCreateRevision());
		return vacated ? new Hint(election, Records.vacant(election)) : Hint.of(election);
	}

	@Override
	public void onError(Throwable cause) {
		this.failure = (cause instanceof Exception exception) ? exception : new IllegalStateException(cause);
		this.states.add(State.INTERRUPTED);
	}

	@Override
	public void onCompleted() {
		this.states.add(State.ENDED);
	}

	@Override
	public void close() {
		this.client.close();
	}

	/** What has become of the watch. */
	private enum State {

		/** It has begun, or answered. */
		ALIVE,

		/** It was asked whether it is alive. */
		ASKED,

		/** It has to be resumed. */
		INTERRUPTED, ENDED

	}

}
