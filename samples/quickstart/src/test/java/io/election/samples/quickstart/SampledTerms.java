package io.election.samples.quickstart;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * When replicas led, as far as samples of {@code isLeader()} prove it. Safe for use by
 * several threads.
 */
final class SampledTerms {

	private final Map<Term, Span> spans = new LinkedHashMap<>();

	private final Map<String, Long> samples = new LinkedHashMap<>();

	/**
	 * Add a sample.
	 * @param replica the replica that was asked
	 * @param token the token of the term in which it led, 0 if it did not lead
	 * @param at a moment at which it did, in nanoseconds
	 * @param asked how often it was asked since the sample added before
	 */
	synchronized void add(String replica, long token, long at, long asked) {
		this.samples.merge(replica, asked, Long::sum);
		if (token != 0) {
			this.spans.merge(new Term(replica, token), new Span(at, at), Span::with);
		}
	}

	/**
	 * Return the terms that have a moment in common.
	 * @return a text for each such pair
	 */
	synchronized List<String> overlaps() {
		List<String> overlaps = new ArrayList<>();
		List<Term> terms = new ArrayList<>(this.spans.keySet());
		for (int i = 0; i < terms.size(); i++) {
			for (Term other : terms.subList(i + 1, terms.size())) {
				if (this.spans.get(terms.get(i)).overlaps(this.spans.get(other))) {
					overlaps.add(terms.get(i) + " and " + other);
				}
			}
		}
		return overlaps;
	}

	/**
	 * Return how often each replica was asked.
	 * @return the numbers by replica
	 */
	synchronized Map<String, Long> samples() {
		return new LinkedHashMap<>(this.samples);
	}

	private record Term(String replica, long token) {

		@Override
		public String toString() {
			return this.replica + " (token " + this.token + ")";
		}

	}

	/** A term is unbroken: it lasted at least from its first sample to its last. */
	private record Span(long first, long last) {

		Span with(Span other) {
			return new Span(Math.min(this.first, other.first), Math.max(this.last, other.last));
		}

		// A single sample has no extent and proves nothing
		boolean overlaps(Span other) {
			return Math.max(this.first, other.first) < Math.min(this.last, other.last);
		}

	}

}
