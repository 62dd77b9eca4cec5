package io.election.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

	private final LeaseStore store;

	private final Consumer<List<Reply>> replies;

	private final Outcomes outcomes;

	private final Map<Kind, Deque<Order>> orders = new EnumMap<>(Kind.class);

	private final Deque<Runnable> tasks = new ArrayDeque<>();

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
		this.busy = new BusyTime(ticks);
		this.replies = replies;
		this.outcomes = outcomes;
		for (Kind kind : Kind.values()) {
			this.orders.put(kind, new ArrayDeque<>());
		}
	}

	/** Queues requests. */
	synchronized void send(List<Order> requests) {
		for (Order order : requests) {
			queueOf(Kind.of(order.request())).add(order);
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
		Runnable task = () -> {
			Throwable failure = null;
			try {
				action.on(this.store);
			}
			catch (Throwable ex) { // the same as for requests
				failure = ex;
			}
			outcome.accept(failure);
		};
		this.tasks.add(task);
		this.received++;
		notifyAll();
		return task;
	}

	/** Takes an action back, unless it was begun. */
	synchronized void withdraw(Runnable task) {
		this.tasks.remove(task);
	}

	/** How long the call under way has taken by now; on any thread. */
	Duration busyFor() {
		return this.busy.get();
	}

	/** Whether nothing is queued and nothing runs. */
	synchronized boolean isIdle() {
		return this.closed
				|| (this.waiting && this.tasks.isEmpty() && this.orders.values().stream().allMatch(Deque::isEmpty));
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

	/** Works until closed. Nothing that a store throws ends it, and no interrupt. */
	void run() {
		Runnable work = awaitWork();
		while (work != null) {
			Runnable next = work;
			Safely.run(logger, "Calling the backend failed", () -> this.busy.spend(next));
			work = awaitWork();
		}
	}

	private synchronized @Nullable Runnable awaitWork() {
		Thread.interrupted(); // left behind by a call; must not fail the next one
		Runnable work = nextWork();
		while (work == null && !this.closed) {
			this.waiting = true;
			try {
				wait();
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
		for (Kind kind : Kind.values()) {
			Collection<Order> batch = takeBatch(queueOf(kind));
			if (!batch.isEmpty()) {
				return () -> carryOut(kind, batch);
			}
		}
		return this.tasks.poll();
	}

	/** At most one order for each election. */
	private static Collection<Order> takeBatch(Deque<Order> queue) {
		Map<String, Order> batch = new LinkedHashMap<>();
		while (!queue.isEmpty() && batch.size() < LARGEST_BATCH) {
			Order order = queue.element();
			if (batch.putIfAbsent(order.candidacy().name(), order) != null) {
				break;
			}
			queue.remove();
		}
		return batch.values();
	}

	private void carryOut(Kind kind, Collection<Order> batch) {
		Set<Order> wanted = batch.stream()
			.filter(Order::isStillWanted)
			.collect(Collectors.toCollection(LinkedHashSet::new));
		Map<String, Answer> answers = Map.of();
		try {
			if (!wanted.isEmpty()) {
				answers = ask(kind, List.copyOf(wanted));
			}
		}
		finally {
			List<Reply> replies = new ArrayList<>(batch.size());
			for (Order order : batch) {
				Answer answer = answers.get(order.candidacy().name());
				replies.add(new Reply(order, (answer != null) ? answer : new Answer.Unknown(), wanted.contains(order)));
			}
			this.replies.accept(replies);
		}
	}

	/** Calls the store; whatever it throws, nothing is known then. */
	private Map<String, Answer> ask(Kind kind, List<Order> orders) {
		Map<String, Answer> answers = Map.of();
		Throwable failure = null;
		try {
			answers = Objects.requireNonNull(call(kind, orders), "no answers");
		}
		catch (Throwable ex) { // errors of client libraries as well
			failure = ex;
		}
		this.outcomes.add(kind, failure, this.busy.get());
		return answers;
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

	private Deque<Order> queueOf(Kind kind) {
		Deque<Order> queue = this.orders.get(kind);
		if (queue == null) {
			throw new IllegalStateException("no queue of kind " + kind);
		}
		return queue;
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
		 * does not compete any more does not claim.
		 */
		boolean isStillWanted() {
			Standing standing = this.candidacy.standing();
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
