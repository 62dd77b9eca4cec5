package io.election.samples.quickstart;

import java.util.ArrayList;
import java.util.List;

/**
 * What the demo promised to show, and what became of it.
 */
final class Promises {

	private final List<Promise> promises = new ArrayList<>();

	/**
	 * Note a promise.
	 * @param kept whether it was kept
	 * @param promise what was promised
	 * @param seen what was seen instead, or a figure
	 */
	void check(boolean kept, String promise, String seen) {
		this.promises.add(new Promise(kept, promise, seen));
	}

	boolean areKept() {
		return !this.promises.isEmpty() && this.promises.stream().allMatch(Promise::kept);
	}

	void print() {
		this.promises.forEach(System.out::println);
	}

	private record Promise(boolean kept, String promise, String seen) {

		@Override
		public String toString() {
			return String.format("%-7s  %s: %s", this.kept ? "ok" : "MISSING", this.promise, this.seen);
		}

	}

	/**
	 * Something that the demo cannot go on without did not happen.
	 */
	static final class BrokenException extends RuntimeException {

		private final String promise;

		BrokenException(String promise, String seen) {
			super(seen);
			this.promise = promise;
		}

		String promise() {
			return this.promise;
		}

	}

}
