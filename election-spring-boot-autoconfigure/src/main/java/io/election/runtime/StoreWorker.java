package io.election.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import io.election.core.Answer;
import io.election.core.Goal;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Leading;
import io.election.core.Request;
import io.election.core.Standing;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that calls the store. What waits for it is carried out in batches, one
 * kind at a time, and what keeps a lease comes before everything else.
 */
final class StoreWorker {

	private static final Log logger = LogFactory.getLog(StoreWorker.class);

	/** Bounds the time that a renewal has to wait for a batch of another kind. */
	static final int LARGEST_BATCH = 1000;

	/** Nobody calls when memory runs out at that very moment. */
	private static final long LONGEST_WAIT_MILLIS = 1000;

	private final LeaseStore store;

	private final LongSupplier ticks;

	private final Consumer<List<Reply>> replies;

	private final Outcomes outcomes;

	/** Of a kind that is as it was if there is no memory for one more. */
	private final Map<Kind, Queue<Order>> orders = new EnumMap<>(Kind.class);

	private final Queue<Work> works = new ConcurrentLinkedQueue<>();

	/** What was begun and has not come to its end. */
	private @Nullable Work current;

	private final BusyTime busy;

	private long received;

	private boolean waiting;

	private boolean closed;

	/**
	 * Creates a worker.
	 * @param ticks the monotonic clock
	 * @param replies takes the replies of a batch
	 * @param outcomes told of every batch of requests: {@code null} if the store
	 * answered, or what it failed with
	 */
	StoreWorker(LeaseStore store, LongSupplier ticks, Consumer<List<Reply>> replies, Outcomes outcomes) {
		this.store = store;
		this.ticks = ticks;
		this.busy = new BusyTime(ticks);
		this.replies = replies;
		this.outcomes = outcomes;
		for (Kind kind : Kind.values()) {
			this.orders.put(kind, new ConcurrentLinkedQueue<>());
		}
	}

	/** Queues requests, each of which it takes out of what is given. */
	synchronized void send(Queue<Order> requests) {
		for (Order order = requests.peek(); order != null; order = requests.peek()) {
			queueOf(Kind.of(order.request())).add(order);
			requests.remove();
			this.received++;
		}
		notifyAll();
	}

	/**
	 * Queues an action that comes after all requests.
	 * @param outcome told {@code null} if the store answered, or what it failed with;
	 * never told after a close
	 * @return what is queued
	 */
	synchronized Runnable perform(Action action, Consumer<@Nullable Throwable> outcome) {
		Work task = new Task(action, outcome);
		this.works.add(task);
		this.received++;
		notifyAll();
		return task;
	}

	/** Takes an action back, unless it was begun. */
	synchronized void withdraw(Runnable task) {
		this.works.remove(task);
	}

	/** How long the call under way has taken by now; on any thread. */
	Duration busyFor() {
		return this.busy.get();
	}

	/** Whether nothing is queued and nothing runs. */
	synchronized boolean isIdle() {
		return this.closed
				|| (this.waiting && this.works.isEmpty() && this.orders.values().stream().allMatch(Queue::isEmpty));
	}

	/** How many requests and actions were queued so far. */
	synchronized long received() {
		return this.received;
	}

	/** Ends {@link #run}, after what runs. */
	synchronized void close() {
		this.closed = true;
		notifyAll();
	}

	/**
	 * Works until closed. Nothing that a store throws ends it, and no interrupt. What
	 * fails here for lack of memory is gone on with until it has come to its end: no
	 * request remains without a reply.
	 */
	void run() {
		int failures = 0;
		while (!isClosed()) {
			try {
				Runnable work = awaitWork();
				if (work != null) {
					work.run();
				}
				failures = 0;
			}
			catch (Throwable ex) {
				failures++;
				Safely.logAndPause(logger, "Calling the backend failed", ex, failures);
			}
		}
	}

	private synchronized boolean isClosed() {
		return this.closed;
	}

	private synchronized @Nullable Runnable awaitWork() {
		Thread.interrupted(); // left behind by a call; must not fail the next one
		Runnable work = nextWork();
		while (work == null && !this.closed) {
			this.waiting = true;
			try {
				wait(LONGEST_WAIT_MILLIS);
			}
			catch (InterruptedException ex) {
				// Nobody of ours interrupts; whoever does must not end the renewals
			}
			this.waiting = false;
			work = nextWork();
		}
		return this.closed ? null : work;
	}

	/** What is to be done next, {@code null} if there is nothing. */
	synchronized @Nullable Runnable nextWork() {
		if (this.current == null) {
			for (Kind kind : Kind.values()) {
				Queue<Order> queue = queueOf(kind);
				if (!queue.isEmpty()) {
					Batch batch = new Batch(kind);
					this.current = batch;
					batch.take(queue);
					return batch;
				}
			}
			this.current = this.works.poll();
		}
		return this.current;
	}

	private Map<String, Answer> call(Kind kind, List<Order> orders) throws Exception {
		return switch (kind) {
			case RENEW -> this.store.renew(leases(orders));
			case RELEASE -> this.store.release(leases(orders));
			case ACQUIRE -> this.store.acquire(orders.stream().map(Order::claim).toList());
			case LOOK -> seen(this.store.read(orders.stream().map((order) -> order.candidacy().name()).toList()));
		};
	}

	private static List<Lease> leases(List<Order> orders) {
		return orders.stream().map(Order::lease).toList();
	}

	private static Map<String, Answer> seen(Map<String, LeaseRecord> records) {
		Map<String, Answer> answers = new LinkedHashMap<>();
		records.forEach((name, record) -> answers.put(name, new Answer.Seen(record)));
		return answers;
	}

	private Queue<Order> queueOf(Kind kind) {
		Queue<Order> queue = this.orders.get(kind);
		if (queue == null) {
			throw new IllegalStateException("no queue of kind " + kind);
		}
		return queue;
	}

	/** The call has come to its end, however it was. */
	private void called(Kind kind, @Nullable Throwable failure) {
		try {
			this.outcomes.add(kind, failure, this.busy.get());
		}
		catch (Throwable ex) {
			Safely.log(logger, "What became of a call is not known to health", ex);
		}
	}

	/**
	 * Something that takes a call. Run again if it fails, it goes on where it was, but
	 * does not call a second time.
	 */
	private abstract class Work implements Runnable {

		private boolean begun;

		@Override
		public final void run() {
			StoreWorker.this.busy.begin();
			try {
				if (!this.begun) {
					this.begun = true;
					call();
				}
				reply();
				StoreWorker.this.current = null;
			}
			catch (Throwable ex) {
				if (!(ex instanceof Error)) { // fails again in the same way
					StoreWorker.this.current = null;
				}
				throw ex;
			}
			finally {
				StoreWorker.this.busy.end();
			}
		}

		abstract void call();

		abstract void reply();

	}

	/** Requests of one kind, at most one for each election. */
	private final class Batch extends Work {

		private final Kind kind;

		private final Map<String, Order> orders = new LinkedHashMap<>();

		private Set<Order> wanted = Set.of();

		private Map<String, Answer> answers = Map.of();

		Batch(Kind kind) {
			this.kind = kind;
		}

		void take(Queue<Order> queue) {
			for (Order order = queue.peek(); order != null
					&& this.orders.size() < LARGEST_BATCH; order = queue.peek()) {
				if (this.orders.putIfAbsent(order.candidacy().name(), order) != null) {
					break;
				}
				queue.remove();
			}
		}

		/** Calls the store; whatever is thrown, nothing is known then. */
		@Override
		void call() {
			Throwable failure = null;
			try {
				long now = StoreWorker.this.ticks.getAsLong();
				this.wanted = this.orders.values()
					.stream()
					.filter((order) -> order.isStillWanted(now))
					.collect(Collectors.toCollection(LinkedHashSet::new));
				if (this.wanted.isEmpty()) {
					return;
				}
				this.answers = Objects.requireNonNull(StoreWorker.this.call(this.kind, List.copyOf(this.wanted)),
						"no answers");
			}
			catch (Throwable ex) { // errors of client libraries as well
				failure = ex;
			}
			called(this.kind, failure);
		}

		@Override
		void reply() {
			List<Reply> all = new ArrayList<>(this.orders.size());
			for (Order order : this.orders.values()) {
				Answer answer = this.answers.get(order.candidacy().name());
				all.add(new Reply(order, (answer != null) ? answer : new Answer.Unknown(),
						this.wanted.contains(order)));
			}
			StoreWorker.this.replies.accept(all);
		}

	}

	/** An action and what becomes of it. */
	private final class Task extends Work {

		private final Action action;

		private final Consumer<@Nullable Throwable> outcome;

		private @Nullable Throwable failure;

		Task(Action action, Consumer<@Nullable Throwable> outcome) {
			this.action = action;
			this.outcome = outcome;
		}

		@Override
		void call() {
			try {
				this.action.on(StoreWorker.this.store);
			}
			catch (Throwable ex) { // the same as for requests
				this.failure = ex;
			}
		}

		@Override
		void reply() {
			this.outcome.accept(this.failure);
		}

	}

	/** Kinds of requests, the most urgent first. */
	enum Kind {

		RENEW, RELEASE, ACQUIRE, LOOK;

		static Kind of(Request request) {
			if (request instanceof Request.Renew) {
				return RENEW;
			}
			if (request instanceof Request.Release) {
				return RELEASE;
			}
			return (request instanceof Request.Acquire) ? ACQUIRE : LOOK;
		}

	}

	/** What becomes of batches of requests. */
	@FunctionalInterface
	interface Outcomes {

		/**
		 * Adds an outcome.
		 * @param failure what the store failed with, {@code null} if it answered
		 * @param took how long it took
		 */
		void add(Kind kind, @Nullable Throwable failure, Duration took);

	}

	/** What is done with the store beside requests. */
	@FunctionalInterface
	interface Action {

		void on(LeaseStore store) throws Exception;

	}

	/** A request of a candidate. */
	record Order(Candidacy candidacy, Request request, Timing timing) {

		/**
		 * A term that has ended while its renewal waited here is not renewed, and who
		 * does not compete any more does not claim. A look that has waited for so long
		 * that it was given up is not carried out: the candidate has asked for another,
		 * and while a backend does not answer, thousands of elections ask for more than
		 * it could ever catch up with.
		 */
		boolean isStillWanted(long now) {
			Standing standing = this.candidacy.standing();
			if (this.request instanceof Request.Look look && now >= this.timing.unansweredAt(look.askedAt())) {
				return false;
			}
			if (this.request instanceof Request.Renew renew) {
				return standing instanceof Leading leading && leading.lease().term() == renew.lease().term();
			}
			if (this.request instanceof Request.Acquire) {
				return standing.goal().kind() == Goal.Kind.COMPETE;
			}
			return this.request instanceof Request.Release || standing.goal().kind() != Goal.Kind.STOP;
		}

		private Lease lease() {
			return (this.request instanceof Request.Renew renew) ? renew.lease()
					: ((Request.Release) this.request).lease();
		}

		private Claim claim() {
			Request.Acquire acquire = (Request.Acquire) this.request;
			return new Claim(this.candidacy.standing().self(), this.timing, acquire.seen(), acquire.highestTerm());
		}

	}

	/**
	 * What became of a request.
	 *
	 * @param asked whether the store was asked; nobody may want the answer any more
	 */
	record Reply(Order order, Answer answer, boolean asked) {
	}

}
