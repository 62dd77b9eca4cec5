package io.election.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
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

	private final LongSupplier ticks;

	private final Runnable afterTurn;

	private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();

	/** Confined to the loop. */
	private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();

	private volatile boolean closed;

	/**
	 * Creates a loop.
	 * @param ticks the monotonic clock
	 * @param afterTurn run whenever all that was waiting has been done
	 */
	SerialLoop(LongSupplier ticks, Runnable afterTurn) {
		this.ticks = ticks;
		this.afterTurn = afterTurn;
	}

	long now() {
		return this.ticks.getAsLong();
	}

	/** Has something done in the loop; on any thread. */
	void submit(Runnable input) {
		this.inbox.add(input);
	}

	/** Has something done at the given instant; in the loop. */
	void at(long instant, Runnable task) {
		this.alarms.add(new Alarm(instant, task));
	}

	/** Ends {@link #run} after the turn under way; in the loop. */
	void close() {
		this.closed = true;
	}

	void run() {
		while (!this.closed) {
			turn(awaitInput());
		}
	}

	/** Does all that is due, without waiting for anything. */
	void turn() {
		turn(this.inbox.poll());
	}

	private void turn(@Nullable Runnable first) {
		List<Runnable> inputs = new ArrayList<>();
		if (first != null) {
			inputs.add(first);
		}
		this.inbox.drainTo(inputs);
		inputs.forEach(SerialLoop::runSafely);
		Alarm next = this.alarms.peek();
		while (next != null && next.at() <= now()) {
			this.alarms.remove();
			runSafely(next.task());
			next = this.alarms.peek();
		}
		runSafely(this.afterTurn);
	}

	private @Nullable Runnable awaitInput() {
		Alarm next = this.alarms.peek();
		try {
			return (next != null) ? this.inbox.poll(next.at() - now(), TimeUnit.NANOSECONDS) : this.inbox.take();
		}
		catch (InterruptedException ex) {
			return null; // nobody of ours interrupts, and whoever does must not end the
							// elections
		}
	}

	private static void runSafely(Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) { // a bug or no memory: the other elections must go on
			logger.error("Election loop failed to handle an input", ex);
		}
	}

	private record Alarm(long at, Runnable task) implements Comparable<Alarm> {

		@Override
		public int compareTo(Alarm other) {
			return Long.compare(this.at, other.at);
		}

	}

}
