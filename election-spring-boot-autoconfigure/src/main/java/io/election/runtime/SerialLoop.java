package io.election.runtime;

import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * An inbox and alarms, worked off by one thread. Nothing that an input throws, and no
 * interrupt, ends it.
 */
final class SerialLoop {

	private static final Log logger = LogFactory.getLog(SerialLoop.class);

	private static final String FAILED = "Election loop failed to handle an input";

	private final LongSupplier ticks;

	private final Runnable afterTurn;

	private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();

	/** Confined to the loop. */
	private final TreeSet<Alarm> alarms = new TreeSet<>();

	private long alarmsSet;

	private final BusyTime busy;

	private volatile boolean closed;

	/**
	 * Creates a loop.
	 * @param ticks the monotonic clock
	 * @param afterTurn run whenever all that was waiting has been done
	 */
	SerialLoop(LongSupplier ticks, Runnable afterTurn) {
		this.ticks = ticks;
		this.afterTurn = afterTurn;
		this.busy = new BusyTime(ticks);
	}

	long now() {
		return this.ticks.getAsLong();
	}

	/** How long the turn under way has taken by now; on any thread. */
	Duration busyFor() {
		return this.busy.get();
	}

	/** Has something done in the loop, unless it is closed; on any thread. */
	void submit(Runnable input) {
		if (!this.closed) {
			this.inbox.add(input);
		}
	}

	/** Has something done at the given instant; in the loop. */
	Alarm at(long instant, Runnable task) {
		Alarm alarm = new Alarm(instant, this.alarmsSet++, task);
		this.alarms.add(alarm);
		return alarm;
	}

	/** Takes an alarm back, which may have gone off already; in the loop. */
	void cancel(@Nullable Alarm alarm) {
		if (alarm != null) {
			this.alarms.remove(alarm);
		}
	}

	/** Ends {@link #run} after the turn under way; on any thread. */
	void close() {
		this.closed = true;
		this.inbox.add(() -> {
		});
	}

	void run() {
		while (!this.closed) {
			Safely.run(logger, FAILED, () -> turn(awaitInput()));
		}
	}

	/** Does all that is due, without waiting for anything. */
	void turn() {
		turn(this.inbox.poll());
	}

	private void turn(@Nullable Runnable first) {
		this.busy.spend(() -> {
			handleInputs(first);
			handleAlarms();
			runSafely(this.afterTurn);
		});
	}

	/** One by one, and only those that are there: alarms must get their turn. */
	private void handleInputs(@Nullable Runnable first) {
		int waiting = this.inbox.size();
		for (Runnable input = first; input != null; input = (waiting-- > 0) ? this.inbox.poll() : null) {
			runSafely(input);
		}
	}

	private void handleAlarms() {
		long now = now();
		while (!this.alarms.isEmpty() && this.alarms.first().at() <= now) {
			Alarm next = this.alarms.first();
			this.alarms.remove(next);
			runSafely(next.task());
		}
	}

	private @Nullable Runnable awaitInput() {
		try {
			return this.alarms.isEmpty() ? this.inbox.take()
					: this.inbox.poll(this.alarms.first().at() - now(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			return null; // nobody of ours interrupts, and whoever does must not end the
							// elections
		}
	}

	private static void runSafely(Runnable task) {
		Safely.run(logger, FAILED, task);
	}

	/**
	 * Something to be done later.
	 *
	 * @param at when
	 * @param order which of those at the same instant comes first
	 * @param task what
	 */
	record Alarm(long at, long order, Runnable task) implements Comparable<Alarm> {

		@Override
		public int compareTo(Alarm other) {
			return (this.at != other.at) ? Long.compare(this.at, other.at) : Long.compare(this.order, other.order);
		}

	}

}
