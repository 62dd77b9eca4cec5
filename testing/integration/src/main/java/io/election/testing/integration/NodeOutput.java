package io.election.testing.integration;

import java.io.PrintStream;
import java.util.StringJoiner;

import org.jspecify.annotations.Nullable;

/**
 * What an {@link ElectionNode} reports: one line each, its words separated by blanks, the
 * first beginning with {@code @}. Other lines are the log.
 * <p>
 * Every instant is a reading of {@link System#nanoTime()}. On Linux that is
 * {@code CLOCK_MONOTONIC}, one clock for all processes of a host, so that instants of
 * different nodes may be compared. (The starter itself never does.)
 */
class NodeOutput {

	private final PrintStream stream;

	NodeOutput(PrintStream stream) {
		this.stream = stream;
	}

	void listening(int port) {
		print("@listening", port);
	}

	/** Elections are about to start. */
	void starting() {
		print("@starting", System.nanoTime());
	}

	void ready() {
		print("@ready", System.nanoTime());
	}

	/** A granted event; its listener was called at the given instant. */
	void granted(long at, String election, long token, boolean leads) {
		print("@granted", at, election, token, "-", leads);
	}

	/** A revoked event; its listener was called at the given instant. */
	void revoked(long at, String election, long token, String reason, boolean leads) {
		print("@revoked", at, election, token, reason, leads);
	}

	/** A leader-changed event; its listener was called at the given instant. */
	void leaderChanged(long at, String election, long token, @Nullable String leader, boolean leads) {
		print("@leader", at, election, token, (leader != null) ? leader : "-", leads);
	}

	/** A listener that was told to block returns. */
	void unblocked() {
		print("@unblocked", System.nanoTime());
	}

	/** All answers of {@code isLeader()} from the first sample to the last were true. */
	void led(String election, long token, Sample first, Sample last) {
		print("@led", election, token, first.before(), first.after(), last.before(), last.after());
	}

	/**
	 * Nobody has asked for a while, as the process was suspended; this was the first
	 * answer.
	 */
	void askedAfterGap(String election, Sample sample, boolean leads) {
		print("@gap", election, sample.before(), sample.after(), leads);
	}

	/** A command was carried out, between two instants. */
	void done(String id, long begin, long end, String result) {
		print("@done", id, begin, end, result);
	}

	void failed(String id, Throwable failure) {
		print("@failed", id, failure.toString().replaceAll("\\s+", " "));
	}

	private void print(Object... words) {
		// Others may have written half a line, such as the JVM of a thread that dies
		StringJoiner line = new StringJoiner(" ", "\n", "\n");
		for (Object word : words) {
			line.add(String.valueOf(word));
		}
		this.stream.print(line);
	}

}
