package io.election.samples.quickstart;

import java.util.Optional;

/**
 * What a replica tells the demo: one line of its output.
 *
 * @param kind what happened
 * @param at when, in nanoseconds of the machine's monotonic clock. All JVMs on a Linux
 * machine share it: {@link System#nanoTime()} is CLOCK_MONOTONIC
 * @param token the fencing token of the term, 0 where there is none
 * @param detail the port of a {@link Kind#READY ready} replica, the reason of a
 * {@link Kind#REVOKED revocation}, how often {@code isLeader()} was asked since the
 * previous {@link Kind#SAMPLED sample} that was told of
 */
record Signal(Kind kind, long at, long token, String detail) {

	private static final String PREFIX = "[demo]";

	private static final int PARTS = 5;

	static Optional<Signal> parse(String line) {
		String[] parts = line.split(" ");
		if (parts.length != PARTS || !parts[0].equals(PREFIX)) {
			return Optional.empty();
		}
		return Optional
			.of(new Signal(Kind.valueOf(parts[1]), Long.parseLong(parts[2]), Long.parseLong(parts[3]), parts[4]));
	}

	/** What happened, in words that follow the name of the replica. */
	String text() {
		return switch (this.kind) {
			case READY -> "is ready, on port " + this.detail;
			case GRANTED -> "leads, token " + this.token;
			case REVOKED -> "no longer leads, token " + this.token + ": " + this.detail;
			case SAMPLED -> (this.token != 0) ? "is seen to lead, token " + this.token : "is seen not to lead";
		};
	}

	@Override
	public String toString() {
		return String.join(" ", PREFIX, this.kind.name(), String.valueOf(this.at), String.valueOf(this.token),
				this.detail);
	}

	enum Kind {

		/** The application answers requests. */
		READY,

		/** The granted event was delivered. */
		GRANTED,

		/** The revoked event was delivered. */
		REVOKED,

		/** {@code isLeader()} was asked; it was true if there is a token. */
		SAMPLED

	}

}
