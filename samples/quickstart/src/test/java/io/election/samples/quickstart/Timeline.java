package io.election.samples.quickstart;

import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * What the demo prints: one line each time something happens, with the seconds since its
 * start. Safe for use by several threads.
 * <p>
 * News of two replicas may arrive in the wrong order. So a line is printed a moment
 * later, after those of what happened earlier.
 */
final class Timeline implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofMillis(200);

	private static final long LOOK_MILLIS = 20;

	private final long start = System.nanoTime();

	private final Queue<Line> lines = new PriorityQueue<>(
			Comparator.comparingLong(Line::at).thenComparingLong(Line::number));

	private long number;

	Timeline() {
		Thread printer = new Thread(this::printPatiently, "timeline");
		printer.setDaemon(true);
		printer.start();
	}

	/**
	 * Print what happens now.
	 * @param text what
	 */
	void print(String text) {
		print(System.nanoTime(), text);
	}

	/**
	 * Print what happened a moment ago.
	 * @param at when, as told by {@link System#nanoTime()}
	 * @param text what
	 */
	synchronized void print(long at, String text) {
		this.lines.add(new Line(at - this.start, this.number++, text));
	}

	/**
	 * Print everything at once.
	 */
	void flush() {
		printUpTo(Long.MAX_VALUE);
	}

	@Override
	public void close() {
		flush();
	}

	private synchronized void printUpTo(long at) {
		while (!this.lines.isEmpty() && this.lines.element().at() <= at) {
			System.out.println(this.lines.remove());
		}
	}

	private void printPatiently() {
		try {
			while (true) {
				printUpTo(System.nanoTime() - this.start - PATIENCE.toNanos());
				Thread.sleep(LOOK_MILLIS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private record Line(long at, long number, String text) {

		@Override
		public String toString() {
			double seconds = this.at / (double) Duration.ofSeconds(1).toNanos();
			return String.format(Locale.ROOT, "%6.2f s  %s", seconds, this.text);
		}

	}

}
