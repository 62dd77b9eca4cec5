package io.election.core;

import java.util.List;
import java.util.SplittableRandom;

/**
 * All the randomness of a simulation, out of one seed.
 */
final class Dice {

	private final SplittableRandom random;

	Dice(long seed) {
		this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L);
	}

	boolean chance(double probability) {
		return this.random.nextDouble() < probability;
	}

	/** From 0 up to, and without, the bound. */
	long below(long bound) {
		return this.random.nextLong(bound);
	}

	long between(long least, long bound) {
		return this.random.nextLong(least, bound);
	}

	double fraction() {
		return this.random.nextDouble();
	}

	double oneOf(double... values) {
		return values[this.random.nextInt(values.length)];
	}

	<T> T oneOf(List<T> values) {
		return values.get(this.random.nextInt(values.size()));
	}

}
