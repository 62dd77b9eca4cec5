package io.election.testing.web;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Samples of series that come and go, to be written as a {@link MetricsRecording}.
 */
final class SampleTable {

	private static final String NONE = "_";

	private static final String END = "stale";

	private final Map<String, List<String>> series = new TreeMap<>();

	private int length;

	/** Adds what was read at once. A series that is not there any more ends. */
	void add(Map<String, String> samples) {
		samples.keySet()
			.forEach((name) -> this.series.computeIfAbsent(name,
					(added) -> new ArrayList<>(Collections.nCopies(this.length, NONE))));
		this.series.forEach((name, values) -> values.add(samples.getOrDefault(name, missingAfter(values))));
		this.length++;
	}

	private static String missingAfter(List<String> values) {
		String last = values.isEmpty() ? NONE : values.get(values.size() - 1);
		return (last.equals(NONE) || last.equals(END)) ? NONE : END;
	}

	/** Returns a line for each series. */
	List<String> lines() {
		return this.series.entrySet().stream().map((entry) -> entry.getKey() + compressed(entry.getValue())).toList();
	}

	private static String compressed(List<String> values) {
		StringBuilder line = new StringBuilder();
		int next = 0;
		while (next < values.size()) {
			String value = values.get(next);
			int end = next;
			while (end < values.size() && values.get(end).equals(value)) {
				end++;
			}
			line.append(' ').append(value);
			// The first of a value is not counted
			int more = end - next - (value.equals(NONE) ? 0 : 1);
			if (more > 0) {
				line.append('x').append(more);
			}
			next = end;
		}
		return line.toString();
	}

}
