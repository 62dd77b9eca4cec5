package io.election.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.election.ElectionEvent;
import io.election.Leader;
import io.election.LeaderChangedEvent;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipListener;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import io.election.core.Timing;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.util.StringUtils;

/**
 * Tells listeners what happens to one candidate: the only place that calls user code. All
 * of it runs on the candidate's queue, so that listeners see events in order, one at a
 * time. Each is called on its own, so that what one throws hides nothing from the next.
 */
final class Announcer {

	private final DefaultLeaderElection election;

	private final EventListeners listeners;

	private final SerialQueue queue;

	private final Observers observers;

	private final LongSupplier ticks;

	/** The term that listeners were told of and that has not been revoked since. */
	private volatile @Nullable Leadership announced;

	/** The thread that tells of the end of a term at this moment. */
	private volatile @Nullable Thread tellingEnd;

	/** The leader that listeners were told of. Confined to the queue. */
	private @Nullable Leader leader;

	/** The listener that runs at this moment. */
	private volatile @Nullable Call current;

	/** Since when the end of a term has waited for listeners, or they for each other. */
	private volatile long endingSince = Timing.NEVER;

	/** What to report of the latest end of a term, if one of its listeners failed. */
	private volatile @Nullable String failure;

	/** Whether such a thread has stopped elections, and now must not wait for itself. */
	private volatile boolean stoppedWithin;

	private volatile boolean closed;

	Announcer(DefaultLeaderElection election, ApplicationEventPublisher publisher, SerialQueue queue,
			Observers observers, LongSupplier ticks) {
		this.election = election;
		this.ticks = ticks;
		this.listeners = EventListeners.of(publisher);
		this.queue = queue;
		this.observers = observers;
	}

	/** Announces a term, unless it is over when its turn comes. */
	void granted(Leadership leadership) {
		Announcement begin = new Announcement(new LeadershipGrantedEvent(this.election, leadership),
				(subscriber) -> subscriber.granted(leadership));
		this.queue.add(() -> {
			if (begin.begin(() -> this.election.leads(leadership))) {
				this.announced = leadership;
			}
			// One may stop elections, and then the end of the term was told already
			begin.tell(() -> leadership.equals(this.announced));
		});
	}

	/**
	 * Announces the end of a term, if its begin was; then, in any case, tells whether all
	 * listeners have returned without an exception.
	 */
	void revoked(Leadership leadership, RevocationReason reason, Consumer<Boolean> finished) {
		Announcement end = new Announcement(new LeadershipRevokedEvent(this.election, leadership, reason),
				(subscriber) -> subscriber.revoked(leadership, reason));
		this.endingSince = this.ticks.getAsLong();
		this.queue.add(() -> {
			boolean allReturned = false;
			try {
				allReturned = end(leadership, end);
			}
			catch (RuntimeException ex) {
				ElectionLog.LOGGER.error(prefix() + "the end of a term was not announced", ex);
			}
			this.endingSince = Timing.NEVER;
			finished.accept(allReturned);
		});
	}

	private boolean end(Leadership leadership, Announcement end) {
		try {
			this.tellingEnd = Thread.currentThread();
			if (end.begin(() -> leadership.equals(this.announced))) {
				this.announced = null;
			}
			end.tell(() -> true);
		}
		finally {
			this.tellingEnd = null;
		}
		if (!end.isBegun()) {
			return true;
		}
		List<String> failed = end.failed();
		this.failure = failed.isEmpty() ? null : "The lease of the term with token " + leadership.fencingToken()
				+ " was left to run out, because listeners of its end failed: " + String.join(", ", failed);
		return failed.isEmpty();
	}

	/** Announces that another leads, or nobody. */
	void leaderChanged(@Nullable Leader previous, @Nullable Leader current) {
		Announcement change = new Announcement(new LeaderChangedEvent(this.election, previous, current),
				(subscriber) -> subscriber.leaderChanged(previous, current));
		this.queue.add(() -> {
			this.leader = current;
			change.begin(() -> true);
			change.tell(() -> true);
		});
	}

	/** Tells a new subscriber where things stand, unless events have told it since. */
	void catchUp(Subscriber subscriber) {
		this.queue.add(() -> {
			Leadership current = this.announced;
			if (current != null && !current.equals(subscriber.told) && this.election.leads(current)) {
				call(subscriber.name(), subscriber.granted(current));
			}
			Leader known = this.leader;
			if (known != null && !subscriber.knowsLeader) {
				call(subscriber.name(), subscriber.leaderChanged(null, known));
			}
		});
	}

	/**
	 * Warns of a listener that does not return within a lease, once. What comes after it
	 * waits for it.
	 * @return when to look again, {@link Timing#NEVER} if no listener has to return
	 */
	long checkListeners() {
		this.queue.resume();
		Call call = this.current;
		if (call == null || this.closed) {
			return isTelling() ? this.ticks.getAsLong() + patience() : Timing.NEVER;
		}
		if (isOver(call.since) && !call.reported.getAndSet(true)) {
			StringBuilder stack = new StringBuilder();
			for (StackTraceElement element : call.thread.getStackTrace()) {
				stack.append(System.lineSeparator()).append("\tat ").append(element);
			}
			ElectionLog.LOGGER
				.warn(prefix() + describe(call) + ". Later events of this election wait for it. Start long work on "
						+ "a thread of its own. The listener is at:" + stack);
		}
		return (call.reported.get() ? this.ticks.getAsLong() : call.since) + patience();
	}

	/**
	 * Why this candidate cannot compete, {@code null} if listeners do not keep it from
	 * that.
	 */
	@Nullable String error() {
		if (this.closed) {
			return null;
		}
		Throwable failing = this.queue.failure();
		if (failing != null) {
			return "Listeners of this election cannot be called, which is tried again every second: " + failing;
		}
		if (!isOver(this.endingSince)) {
			return null;
		}
		Call call = this.current;
		return "The end of the latest term has waited for a listener for longer than a lease, and this candidate does not "
				+ "compete before it returns" + ((call != null) ? ": " + describe(call) : "");
	}

	/** What needs attention; whole sentences. */
	List<String> warnings() {
		List<String> warnings = new ArrayList<>();
		Call call = this.current;
		if (!this.closed && call != null && isOver(call.since)) {
			warnings.add(describe(call) + ". Later events of this election wait for it.");
		}
		String latest = this.failure;
		if (latest != null) {
			warnings.add(latest);
		}
		return warnings;
	}

	private boolean isOver(long since) {
		return since != Timing.NEVER && this.ticks.getAsLong() - since >= patience();
	}

	/** How long a listener may take, in nanoseconds. */
	private long patience() {
		return this.election.leaseDuration().toNanos();
	}

	private String describe(Call call) {
		return StringUtils.capitalize(call.listener) + " has not returned for "
				+ Duration.ofNanos(this.ticks.getAsLong() - call.since).toSeconds() + " s, on thread '"
				+ call.thread.getName() + "'";
	}

	/** Whether there is something to tell, or a listener has not returned. */
	boolean isTelling() {
		return this.queue.isActive();
	}

	/** Asks for a thread if there was none to be had. */
	void resume() {
		this.queue.resume();
	}

	/** Runs the task when all that there was to tell by now was told. */
	void whenTold(Runnable task) {
		this.queue.add(task);
	}

	/**
	 * Called when elections stop.
	 * @param caller the thread that stops them
	 * @return whether it is a listener's of the end of a term, which cannot be waited for
	 * then
	 */
	boolean isStoppedWithin(Thread caller) {
		this.stoppedWithin |= this.tellingEnd == caller;
		return this.stoppedWithin;
	}

	/**
	 * Tells nothing any more, except for the end of a term to the rest of its listeners
	 * if one of them has stopped elections. A listener that still runs is not waited for.
	 */
	void close() {
		this.closed = !this.stoppedWithin;
		this.queue.close();
		Leadership dropped = this.announced;
		if (dropped != null) {
			ElectionLog.LOGGER.warn(prefix() + "the end of the term with token " + dropped.fencingToken()
					+ " was not announced, because a listener still runs");
		}
		if (this.tellingEnd != null) {
			ElectionLog.LOGGER
				.warn(prefix() + "the lease was not given back and has to run out, because a listener still runs");
		}
	}

	/** Calls a listener, and returns whether it threw nothing. */
	private boolean call(String listener, @Nullable Runnable call) {
		if (call == null || this.closed) {
			return true;
		}
		String failure = prefix() + listener + " failed";
		Call outer = this.current; // of a listener that stops elections
		try {
			this.current = new Call(listener, Thread.currentThread(), this.ticks.getAsLong(), new AtomicBoolean());
			return Safely.run(ElectionLog.LOGGER, failure, call);
		}
		finally {
			this.current = outer;
		}
	}

	private String prefix() {
		return ElectionLog.prefix(this.election.name());
	}

	/**
	 * A call of a listener.
	 *
	 * @param since when it began, by the monotonic clock
	 * @param reported whether it was warned of
	 */
	private record Call(String listener, Thread thread, long since, AtomicBoolean reported) {
	}

	/**
	 * An event on its way to the listeners of the application, then to those that are
	 * subscribed. What fails here for lack of memory is done again, and each listener is
	 * called once all the same.
	 */
	private final class Announcement {

		private final ElectionEvent event;

		private final Function<Subscriber, @Nullable Runnable> subscribed;

		/** Who is to be told, {@code null} as long as nobody is. */
		private @Nullable List<Listener> listeners;

		/** How many of them were. */
		private int told;

		private long begunAt;

		private boolean observed;

		/**
		 * Creates an announcement.
		 * @param subscribed what calls a subscribed listener, {@code null} if it is not
		 * to be called
		 */
		Announcement(ElectionEvent event, Function<Subscriber, @Nullable Runnable> subscribed) {
			this.event = event;
			this.subscribed = subscribed;
		}

		/**
		 * Finds out who is to be told, before anybody is; all of it or nothing, and once.
		 * @param wanted whether anybody is to be told at all, asked last
		 * @return whether it has begun now
		 */
		boolean begin(BooleanSupplier wanted) {
			if (isBegun()) {
				return false;
			}
			List<Listener> found = new ArrayList<>();
			if (!Announcer.this.closed) {
				try {
					Announcer.this.listeners.forEach(this.event,
							(name, call) -> found.add(new Listener(name, () -> call)));
				}
				catch (RuntimeException ex) {
					ElectionLog.LOGGER.error(
							prefix() + "listeners of " + this.event.getClass().getSimpleName() + " cannot be found",
							ex);
					Listener unknown = new Listener("the application context", () -> null);
					unknown.failed = true;
					found.add(unknown);
				}
				for (Subscriber subscriber : Announcer.this.election.subscribers()) {
					found.add(new Listener(subscriber.name(), () -> this.subscribed.apply(subscriber)));
				}
			}
			this.begunAt = System.nanoTime();
			if (!wanted.getAsBoolean()) {
				return false;
			}
			Announcer.this.observers.listening(this.event);
			this.listeners = found;
			return true;
		}

		boolean isBegun() {
			return this.listeners != null;
		}

		/**
		 * Tells those who were not told yet.
		 * @param wanted whether the next one is to be told
		 */
		void tell(BooleanSupplier wanted) {
			if (this.listeners == null) {
				return;
			}
			while (this.told < this.listeners.size()) {
				Listener next = this.listeners.get(this.told);
				boolean returned = !wanted.getAsBoolean() || call(next.name, next.call.get());
				next.failed |= !returned;
				this.told++;
			}
			if (!this.observed) {
				Announcer.this.observers.listened(this.event, Duration.ofNanos(System.nanoTime() - this.begunAt),
						!failed().isEmpty());
				this.observed = true;
			}
		}

		/** The names of those that have thrown something. */
		List<String> failed() {
			return (this.listeners == null) ? List.of()
					: this.listeners.stream()
						.filter((listener) -> listener.failed)
						.map((listener) -> listener.name)
						.toList();
		}

	}

	/** Somebody to be told of an event. */
	private static final class Listener {

		private final String name;

		private final Supplier<@Nullable Runnable> call;

		private boolean failed;

		Listener(String name, Supplier<@Nullable Runnable> call) {
			this.name = name;
			this.call = call;
		}

	}

	/**
	 * A subscribed listener, and what it was told of last. Hands out what calls it, which
	 * is {@code null} if it is not to be called.
	 */
	static final class Subscriber {

		private final LeadershipListener listener;

		private volatile boolean closed;

		private volatile @Nullable Leadership told;

		private volatile boolean knowsLeader;

		Subscriber(LeadershipListener listener) {
			this.listener = listener;
		}

		void close() {
			this.closed = true;
		}

		private String name() {
			return "subscriber " + this.listener.getClass().getName();
		}

		private @Nullable Runnable granted(Leadership leadership) {
			return this.closed ? null : () -> {
				this.told = leadership;
				this.listener.onGranted(leadership);
			};
		}

		private @Nullable Runnable revoked(Leadership leadership, RevocationReason reason) {
			return (this.closed || !leadership.equals(this.told)) ? null : () -> {
				this.told = null;
				this.listener.onRevoked(leadership, reason);
			};
		}

		private @Nullable Runnable leaderChanged(@Nullable Leader previous, @Nullable Leader current) {
			return this.closed ? null : () -> {
				this.knowsLeader = true;
				this.listener.onLeaderChanged(previous, current);
			};
		}

	}

}
