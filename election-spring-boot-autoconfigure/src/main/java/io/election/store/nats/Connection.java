package io.election.store.nats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.nats.client.Connection.Status;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerCreateRequest;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.ServerInfo;
import io.nats.client.impl.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A connection to NATS, made in the background, on which everything is bounded in time.
 * For one thread, but {@link #close} may come from another.
 */
final class Connection implements AutoCloseable {

	private final Threads threads = new Threads();

	private final Complaints complaints = new Complaints();

	/** What subjects of requests to JetStream begin with. */
	private final String api;

	/** What subjects of keys begin with, when they are written. */
	private final String keys;

	private final Duration limit;

	private final long openBy;

	private final CompletableFuture<io.nats.client.Connection> opened;

	/** Fails when this is closed. */
	private final CompletableFuture<io.nats.client.Connection> closed = new CompletableFuture<>();

	private final Set<Bucket> seen = new HashSet<>();

	private volatile long deadline;

	/**
	 * Begins to connect.
	 * @param first which server to try first
	 * @param limit how long a call may take
	 */
	Connection(NatsSettings settings, int first, Duration limit) {
		// Within a domain, the server takes keys for a part of JetStream's interface
		this.api = (settings.domain() != null) ? "$JS." + settings.domain() + ".API." : "$JS.API.";
		this.keys = (settings.domain() != null) ? this.api : "";
		this.limit = limit;
		this.openBy = System.nanoTime() + settings.longestOpening(limit).toNanos();
		begin();
		this.opened = CompletableFuture.supplyAsync(() -> connect(settings, first), this.threads.workers());
	}

	private io.nats.client.Connection connect(NatsSettings settings, int first) {
		try {
			return Nats.connect(settings.options(first, this.threads, this.complaints, this.limit));
		}
		catch (Exception ex) {
			// Callbacks come after one another: the reason for the failure was before
			// this
			CompletableFuture.runAsync(() -> {
			}, this.threads.callbacks()).join();
			throw new CompletionException(ex);
		}
	}

	/** Begins a call, whose time counts from now. */
	void begin() {
		this.deadline = System.nanoTime() + this.limit.toNanos();
	}

	/** Whether it is not known yet whether a server can be reached, but may be soon. */
	boolean isOpening() {
		return !this.opened.isDone() && System.nanoTime() - this.openBy < 0;
	}

	/** Whether there was a connection that is no more. */
	boolean isLost() {
		io.nats.client.Connection nats = this.opened.isCompletedExceptionally() ? null : this.opened.getNow(null);
		return nats != null && nats.getStatus() != Status.CONNECTED;
	}

	/** Whether the bucket was found fit for use. */
	boolean hasSeen(Bucket bucket) {
		return this.seen.contains(bucket);
	}

	void seen(Bucket bucket) {
		this.seen.add(bucket);
	}

	/** What is left of the time of the call, never nothing. */
	Duration timeLeft() {
		return Duration.ofNanos(Math.max(1, this.deadline - System.nanoTime()));
	}

	/** What the server, or else the library, complained about last, empty if nothing. */
	String complaint() {
		return this.complaints.last();
	}

	/** What the server tells about itself. */
	ServerInfo server() throws Exception {
		return await(this.opened).getServerInfo();
	}

	/**
	 * Sends requests, one after the other without waiting for answers, and awaits all.
	 */
	<K> Map<K, Message> ask(Map<K, Request> requests) throws Exception {
		io.nats.client.Connection nats = await(this.opened);
		Map<K, CompletableFuture<Message>> answers = new LinkedHashMap<>();
		requests.forEach((key, request) -> answers.put(key, nats.requestWithTimeout(subject(request), request.headers(),
				request.body().getBytes(StandardCharsets.UTF_8), this.limit)));
		await(CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new)).thenApply((done) -> nats));
		Map<K, Message> messages = new HashMap<>();
		answers.forEach((key, answer) -> messages.put(key, answer.join()));
		return messages;
	}

	private String subject(Request request) {
		return (request.isWrite() ? this.keys : this.api) + request.subject();
	}

	/** Sends a request to JetStream and awaits the answer. */
	<T> T ask(String subject, String json, Function<Message, T> parser) throws Exception {
		Request request = Request.api(subject, json);
		return parser.apply(ask(Map.of(request, request)).values().iterator().next());
	}

	/**
	 * Has a server send what a bucket holds for every key, and every change from then on,
	 * until the connection is closed or nobody listens any more.
	 * @param heartbeat how often it is to show that it is there while nothing changes
	 */
	Feed follow(Bucket bucket, Duration heartbeat) throws Exception {
		io.nats.client.Connection nats = await(this.opened);
		String inbox = nats.createInbox();
		Subscription subscription = nats.subscribe(inbox);
		ConsumerConfiguration consumer = ConsumerConfiguration.builder()
			.deliverPolicy(DeliverPolicy.LastPerSubject)
			.deliverSubject(inbox)
			.filterSubject(bucket.subjects())
			.ackPolicy(AckPolicy.None)
			.idleHeartbeat(heartbeat)
			.memStorage(true)
			.numReplicas(1)
			.build();
		String json = new ConsumerCreateRequest(bucket.stream(), consumer).toJson();
		ConsumerInfo info = ask("CONSUMER.CREATE." + bucket.stream(), json, ConsumerInfo::new);
		info.throwOnHasError();
		return new Feed(subscription, info);
	}

	private io.nats.client.Connection await(CompletableFuture<io.nats.client.Connection> answer) throws Exception {
		try {
			CompletableFuture.anyOf(answer, this.closed).get(timeLeft().toNanos(), TimeUnit.NANOSECONDS);
			return answer.join();
		}
		catch (ExecutionException ex) {
			Throwable cause = ex.getCause();
			while (cause instanceof CompletionException && cause.getCause() != null) {
				cause = cause.getCause();
			}
			throw (cause instanceof Exception known) ? known : ex;
		}
	}

	/** Ends what is under way at once, and connection and threads in the background. */
	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the end
	public void close() {
		if (this.closed.completeExceptionally(new IOException("The connection is closed"))) {
			this.opened.whenCompleteAsync((nats, failure) -> end(nats), this.threads.workers());
		}
	}

	private void end(io.nats.client.@Nullable Connection nats) {
		try (this.threads) {
			if (nats != null) {
				nats.close();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt(); // of this thread, which ends
		}
	}

	/**
	 * What is sent.
	 *
	 * @param isWrite whether it is a message for a key, rather than a question to
	 * JetStream
	 * @param subject the subject of the key, or of the question behind what all begin
	 * with
	 * @param headers its headers, {@code null} if it has none
	 * @param body its content, as text
	 */
	record Request(boolean isWrite, String subject, @Nullable Headers headers, String body) {

		/** A question to JetStream. */
		static Request api(String subject, String json) {
			return new Request(false, subject, null, json);
		}

		/** What a subject is to hold from now on. */
		static Request write(String subject, @Nullable Headers headers, String content) {
			return new Request(true, subject, headers, content);
		}

		/** The removal of what a subject holds. */
		static Request delete(String subject) {
			return write(subject, new Headers().put("KV-Operation", "DEL"), "");
		}

	}

	/**
	 * Remembers what would have been logged.
	 */
	private static final class Complaints implements ErrorListener {

		private volatile String ofServer = "";

		private volatile String ofLibrary = "";

		@Override
		public void errorOccurred(io.nats.client.Connection nats, String error) {
			this.ofServer = error;
		}

		@Override
		public void exceptionOccurred(io.nats.client.Connection nats, Exception failure) {
			this.ofLibrary = Failures.reason(failure);
		}

		String last() {
			return this.ofServer.isEmpty() ? this.ofLibrary : this.ofServer;
		}

	}

}
