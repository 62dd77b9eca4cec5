package io.election.core;

/**
 * A monotonic clock of a node, as a function of real time.
 *
 * @param offset what it shows at real time 0, in nanoseconds
 * @param drift by how many millionths it is too fast, negative if too slow
 */
record LocalClock(long offset, long drift) {

	private static final long MILLION = 1_000_000;

	/** Where computing with {@code long} would end, with some distance. */
	private static final long LATEST = 4_000_000_000_000L;

	static final LocalClock EXACT = new LocalClock(0, 0);

	long at(long real) {
		return this.offset + real + Math.floorDiv(real * this.drift, MILLION);
	}

	/** The first real instant at which the clock shows at least the given time. */
	long realAt(long local) {
		if (local - this.offset > LATEST) {
			throw new IllegalArgumentException(local + " is beyond the end of the world");
		}
		long real = (local - this.offset) / (MILLION + this.drift) * MILLION;
		while (at(real) < local) {
			real += Math.max(1, (local - at(real)) * MILLION / (MILLION + this.drift));
		}
		while (at(real - 1) >= local) {
			real--;
		}
		return real;
	}

	/** How much real time passes at most while the clock shows the given time to pass. */
	long realTime(long localTime) {
		return localTime * 1000 / (MILLION + this.drift) * 1000 + MILLION;
	}

	double rate() {
		return 1 + this.drift / (double) MILLION;
	}

}
