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
 * <p>
 * An input or alarm that fails with an {@link Error} is tried again until it does not,
 * behind the others and less and less often: there may be memory again then. So all of
 * them have to be such that they can be done twice. Nothing that this class does to that
 * end takes memory itself.
 */
final class SerialLoop {

	private static final Log logger = LogFactory.getLog(SerialLoop.class);

	private static final String FAILED = "Election loop failed to handle an input";

	/** The time after which what failed once is tried again; doubled each time. */
	static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	/** A lease may wait for what is tried again, so no pause is longer than this. */
	static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

	/** The inbox fails to signal an input if memory runs out at that very moment. */
	private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final LongSupplier ticks;

	private final Task afterTurn;

	private final BlockingQueue<Task> inbox = new LinkedBlockingQueue<>();

	private final Task wakeUp = new Task(() -> {
	});

	private final BusyTime busy;

	/** What keeps failing at this time, {@code null} if nothing does. */
	private volatile @Nullable Failure failure;

	private volatile boolean closed;

	// The rest is confined to the loop

	private final TreeSet<Alarm> alarms = new TreeSet<>();

	private long alarmsSet;

	/** What was taken and is not done yet. */
	private @Nullable Task current;

	/** What failed and is to be tried again, linked by {@link Task#next}. */
	private @Nullable Task firstFailed;

	private @Nullable Task lastFailed;

	/**
	 * Creates a loop.
	 * @param ticks the monotonic clock
	 * @param afterTurn run whenever all that was waiting has been done
	 */
	SerialLoop(LongSupplier ticks, Runnable afterTurn) {
		this.ticks = ticks;
		this.afterTurn = new Task(afterTurn);
		this.busy = new BusyTime(ticks);
	}

	long now() {
		return this.ticks.getAsLong();
	}

	/** How long the turn under way has taken by now; on any thread. */
	Duration busyFor() {
		return this.busy.get();
	}

	/** What inputs fail with at this time, {@code null} if none does; on any thread. */
	@Nullable Failure failure() {
		return this.failure;
	}

	/** Has something done in the loop, unless it is closed; on any thread. */
	void submit(Runnable input) {
		if (!this.closed) {
			this.inbox.add(new Task(input));
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
			// What is under way may fail, and is tried again then
			alarm.cancelled |= alarm != this.current;
			this.alarms.remove(alarm);
		}
	}

	/** Ends {@link #run} after the turn under way; on any thread. */
	void close() {
		this.closed = true;
		this.inbox.add(this.wakeUp);
	}

	void run() {
		int failures = 0;
		while (!this.closed) {
			try {
				awaitInput();
				takeTurn();
				failures = 0;
			}
			catch (Throwable ex) {
				failures++;
				Safely.logAndPause(logger, FAILED, ex, failures);
			}
		}
	}

	/** Does all that is due, without waiting for anything. */
	void turn() {
		if (this.current == null) {
			this.current = this.inbox.poll();
		}
		takeTurn();
	}

	private void takeTurn() {
		this.busy.begin();
		try {
			handleInputs();
			handleFailed();
			handleAlarms();
			if (!this.afterTurn.failed) {
				this.current = this.afterTurn;
				handleCurrent();
			}
		}
		finally {
			this.busy.end();
		}
	}

	/** One by one, and only those that are there: alarms must get their turn. */
	private void handleInputs() {
		int waiting = this.inbox.size();
		while (this.current != null) {
			handleCurrent();
			if (waiting-- > 0) {
				this.current = this.inbox.poll();
			}
		}
	}

	/** Each that is due, once; the others keep their order. */
	private void handleFailed() {
		Task last = this.lastFailed;
		Task next = null;
		while (this.firstFailed != null && next != last) {
			next = this.firstFailed;
			boolean due = next.timeLeft(now()) <= 0;
			this.firstFailed = next.next;
			this.lastFailed = (next.next != null) ? this.lastFailed : null;
			next.next = null;
			if (due) {
				next.failed = false;
				this.current = next;
				handleCurrent();
			}
			else {
				append(next);
			}
		}
		if (this.firstFailed == null) {
			this.failure = null;
		}
	}

	private void append(Task failed) {
		if (this.lastFailed == null) {
			this.firstFailed = failed;
		}
		else {
			this.lastFailed.next = failed;
		}
		this.lastFailed = failed;
	}

	private void handleAlarms() {
		long now = now();
		while (!this.alarms.isEmpty() && this.alarms.first().at <= now) {
			Alarm next = this.alarms.first();
			this.current = next;
			this.alarms.remove(next);
			handleCurrent();
		}
	}

	private void handleCurrent() {
		Task task = this.current;
		if (task == null) {
			return;
		}
		try {
			if (!task.cancelled) {
				task.work.run();
			}
			this.current = null;
			task.failures = 0;
		}
		catch (Throwable ex) {
			this.current = null;
			failed(task, ex);
		}
	}

	private void failed(Task task, Throwable thrown) {
		if (thrown instanceof Error && !task.failed) {
			task.failed = true;
			task.failedAt = now();
			append(task);
			task.failures++;
		}
		if (Safely.isWorthALine(task.failures)) {
			Safely.log(logger, FAILED, thrown);
		}
		if (this.failure == null && task.failed) {
			this.failure = new Failure(thrown, task.failedAt);
		}
	}

	private void awaitInput() {
		if (this.current == null) {
			try {
				this.current = this.inbox.poll(longestWait(), TimeUnit.NANOSECONDS);
			}
			catch (InterruptedException ex) {
				// Nobody of ours interrupts, and whoever does must not end the elections
			}
		}
	}

	private long longestWait() {
		long now = now();
		long longest = LONGEST_WAIT_NANOS;
		for (Task failed = this.firstFailed; failed != null; failed = failed.next) {
			longest = Math.min(longest, failed.timeLeft(now));
		}
		return this.alarms.isEmpty() ? longest : Math.min(longest, this.alarms.first().at - now);
	}

	/**
	 * What inputs fail with.
	 *
	 * @param thrown what the first of them threw
	 * @param since when it did
	 */
	record Failure(Throwable thrown, long since) {
	}

	/** Something to be done. */
	private static class Task {

		private final Runnable work;

		/** Whether it failed and waits to be tried again. */
		private boolean failed;

		private long failedAt;

		/** How often it failed in a row. */
		private int failures;

		private @Nullable Task next;

		boolean cancelled;

		Task(Runnable work) {
			this.work = work;
		}

		/** The time until it is tried again. */
		private long timeLeft(long now) {
			long pause = PAUSE_NANOS << Math.min(this.failures - 1, 10);
			return this.failedAt + Math.min(pause, LONGEST_PAUSE_NANOS) - now;
		}

	}

	/**
	 * Something to be done later; those of one instant in the order in which they were
	 * set.
	 */
	static final class Alarm extends Task implements Comparable<Alarm> {

		private final long at;

		private final long order;

		private Alarm(long at, long order, Runnable work) {
			super(work);
			this.at = at;
			this.order = order;
		}

		/** When it goes off. */
		long at() {
			return this.at;
		}

		@Override
		public int compareTo(Alarm other) {
			return (this.at != other.at) ? Long.compare(this.at, other.at) : Long.compare(this.order, other.order);
		}

	}

}
