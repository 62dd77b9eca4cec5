package io.election.samples.quickstart;

import java.time.Duration;
import java.util.Locale;

/**
 * What the demo prints: one line each time something happens, with the seconds since its
 * start. Safe for use by several threads.
 */
final class Timeline {

	private final long start = System.nanoTime();

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
	void print(long at, String text) {
		double seconds = (at - this.start) / (double) Duration.ofSeconds(1).toNanos();
		System.out.println(String.format(Locale.ROOT, "%6.2f s  %s", seconds, text));
	}

}
