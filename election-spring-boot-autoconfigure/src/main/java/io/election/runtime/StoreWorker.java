package io.election.runtime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Leading;
import io.election.core.Request;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that calls the store. What waits for it is carried out in batches, one
 * kind at a time, and what keeps a lease comes before everything else.
 */
final class StoreWorker {

	/** Bounds the time that a renewal has to wait for a batch of another kind. */
	private static final int LARGEST_BATCH = 500;

	private final LeaseStore store;

	private final Consumer<List<Reply>> replies;

	private final Consumer<@Nullable Throwable> outcomes;

	private final Map<Kind, Deque<Order>> orders = new EnumMap<>(Kind.class);

	private final Deque<Runnable> tasks = new ArrayDeque<>();

	private boolean closed;

	/**
	 * Creates a worker.
	 * @param replies takes the replies of a batch
	 * @param outcomes told of every call: {@code null} if the store answered, or what it
	 * failed with
	 */
	StoreWorker(LeaseStore store, Consumer<List<Reply>> replies, Consumer<@Nullable Throwable> outcomes) {
		this.store = store;
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
		}
		notifyAll();
	}

	/**
	 * Queues an action that comes after all requests.
	 * @param outcome told whether the store answered; never told after a close
	 */
	synchronized void perform(Action action, Consumer<Boolean> outcome) {
		this.tasks.add(() -> {
			boolean answered = false;
			try {
				action.on(this.store);
				answered = true;
				this.outcomes.accept(null);
			}
			catch (Throwable ex) { // the same as for requests
				this.outcomes.accept(ex);
			}
			outcome.accept(answered);
		});
		notifyAll();
	}

	/** Ends {@link #run}, after what runs. */
	synchronized void close() {
		this.closed = true;
		notifyAll();
	}

	/** Works until closed. */
	void run() {
		Runnable work = awaitWork();
		while (work != null) {
			work.run();
			work = awaitWork();
		}
	}

	private synchronized @Nullable Runnable awaitWork() {
		Runnable work = nextWork();
		while (work == null && !this.closed) {
			try {
				wait();
			}
			catch (InterruptedException ex) {
				// Nobody of ours interrupts; whoever does must not end the renewals
			}
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
		List<Order> valid = batch.stream().filter(Order::isStillValid).toList();
		if (valid.isEmpty()) {
			return;
		}
		Map<String, Answer> answers = Map.of();
		try {
			answers = call(kind, valid);
			this.outcomes.accept(null);
		}
		catch (Throwable ex) { // whatever it was: nothing is known, and the next call
								// must follow
			this.outcomes.accept(ex);
		}
		List<Reply> replies = new ArrayList<>(valid.size());
		for (Order order : valid) {
			replies.add(new Reply(order, answers.getOrDefault(order.candidacy().name(), new Answer.Unknown())));
		}
		this.replies.accept(replies);
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
	private enum Kind {

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

	/** What is done with the store beside requests. */
	@FunctionalInterface
	interface Action {

		void on(LeaseStore store) throws Exception;

	}

	/** A request of a candidate. */
	record Order(Candidacy candidacy, Request request, io.election.core.Timing timing) {

		/** A term that has ended while its renewal waited here is not renewed. */
		boolean isStillValid() {
			return !(this.request instanceof Request.Renew renew)
					|| (this.candidacy.standing() instanceof Leading leading
							&& leading.lease().term() == renew.lease().term());
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

	/** What became of a request. */
	record Reply(Order order, Answer answer) {
	}

}
