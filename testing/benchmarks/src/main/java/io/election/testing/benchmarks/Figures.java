package io.election.testing.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Times that were measured, and what is said of them.
 */
final class Figures {

	private final List<Double> millis = new ArrayList<>();

	void addNanos(long nanos) {
		this.millis.add(nanos / 1e6);
	}

	/** The value that the given share of all values does not exceed. */
	private double quantile(double share) {
		List<Double> sorted = this.millis.stream().sorted().toList();
		return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
	}

	@Override
	public String toString() {
		return this.millis.isEmpty() ? "nothing was measured"
				: String.format(Locale.ROOT, "n=%d  min %.1f  p50 %.1f  p95 %.1f  max %.1f ms", this.millis.size(),
						quantile(1.0 / this.millis.size()), quantile(0.5), quantile(0.95), quantile(1));
	}

}
