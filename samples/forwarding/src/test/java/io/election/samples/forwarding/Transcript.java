package io.election.samples.forwarding;

import java.io.PrintStream;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is printed: what is done to replicas, and what they log about their shutdown. Safe
 * for use by several threads.
 */
final class Transcript {

	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);

	private static final List<String> TOLD = List.of("Ready on port", "Leads, with token", "Leads no more",
			" is finished", "The lease: ", "REFUSING_TRAFFIC", "Goes on answering", "Commencing graceful shutdown",
			"Slow request is answered", "Graceful shutdown complete");

	private final PrintStream out;

	private final List<String> lines = new ArrayList<>();

	Transcript(PrintStream out) {
		this.out = out;
	}

	/** Tell what is done now. */
	synchronized void tell(String text) {
		this.lines.add(TIME.format(LocalTime.now()) + "  " + text);
	}

	/** Take a line of a replica's log, which begins with the time. */
	synchronized void log(String line) {
		if (TOLD.stream().anyMatch(line::contains)) {
			this.lines.add(line);
		}
	}

	/**
	 * Print what has come so far, in order of time: replicas are heard one after the
	 * other.
	 */
	synchronized void print() {
		this.lines.stream().sorted((one, other) -> time(one).compareTo(time(other))).forEach(this.out::println);
		this.lines.clear();
	}

	private static String time(String line) {
		return line.substring(0, Math.min(line.length(), "HH:mm:ss.SSS".length()));
	}

}
