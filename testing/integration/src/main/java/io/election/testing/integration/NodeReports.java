package io.election.testing.integration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What a node has reported.
 *
 * @param node its candidate id
 * @param events the events, in the order in which its listener was called
 * @param runs the times during which it led as far as was sampled
 * @param gaps the first answers after times in which nobody asked
 */
public record NodeReports(String node, List<Event> events, List<Run> runs, List<Gap> gaps) {

	static NodeReports parse(String node, List<String> lines) {
		List<Event> events = new ArrayList<>();
		Map<List<Object>, Run> runs = new LinkedHashMap<>();
		List<Gap> gaps = new ArrayList<>();
		for (String line : lines) {
			Event event = Event.parse(node, line);
			if (event != null) {
				events.add(event);
			}
			else if (line.startsWith("@led ")) {
				Run run = Run.parse(node, line);
				runs.put(List.of(run.election(), run.token(), run.first()), run);
			}
			else if (line.startsWith("@gap ")) {
				gaps.add(Gap.parse(line));
			}
		}
		return new NodeReports(node, events, List.copyOf(runs.values()), gaps);
	}

	/**
	 * A call of the node's listener.
	 *
	 * @param kind the first word of its line
	 * @param node the candidate id of the node
	 * @param at when the listener was called
	 * @param election the name of the election
	 * @param token the fencing token
	 * @param detail the reason of a revocation, the candidate id of a new leader
	 * @param leads what the listener got from {@code isLeader()}
	 */
	public record Event(String kind, String node, long at, String election, long token, String detail, boolean leads) {

		private static final Set<String> KINDS = Set.of("@granted", "@revoked", "@leader");

		static @Nullable Event parse(String node, String line) {
			if (line.startsWith("@led ")) {
				return null; // most lines are, and splitting them takes its time
			}
			String[] words = line.split(" ");
			return KINDS.contains(words[0]) ? new Event(words[0], node, Long.parseLong(words[1]), words[2],
					Long.parseLong(words[3]), words[4], Boolean.parseBoolean(words[5])) : null;
		}

		public boolean isGranted() {
			return this.kind.equals("@granted");
		}

		public boolean isRevoked() {
			return this.kind.equals("@revoked");
		}

	}

	/**
	 * Answers of {@code isLeader()} that were true, one after the other.
	 *
	 * @param node the candidate id of the node
	 * @param election the name of the election
	 * @param token the fencing token of the term
	 * @param first the first of them
	 * @param last the last of them that was reported
	 */
	public record Run(String node, String election, long token, Sample first, Sample last) {

		private static Run parse(String node, String line) {
			String[] words = line.split(" ");
			return new Run(node, words[1], Long.parseLong(words[2]),
					new Sample(Long.parseLong(words[3]), Long.parseLong(words[4])),
					new Sample(Long.parseLong(words[5]), Long.parseLong(words[6])));
		}

		/**
		 * Whether this node certainly led at some instant between two instants at which
		 * the other did, or the other way round. As a term is unbroken, both led then.
		 */
		boolean overlaps(Run other) {
			return this.first.isCertainlyBefore(other.last) && other.first.isCertainlyBefore(this.last);
		}

		/** Whether this node certainly led before the other. */
		boolean isCertainlyBefore(Run other) {
			return this.first.isCertainlyBefore(other.first);
		}

	}

	/**
	 * The first answer of {@code isLeader()} after the process was suspended.
	 *
	 * @param election the name of the election
	 * @param sample when it was asked
	 * @param leads the answer
	 */
	public record Gap(String election, Sample sample, boolean leads) {

		private static Gap parse(String line) {
			String[] words = line.split(" ");
			return new Gap(words[1], new Sample(Long.parseLong(words[2]), Long.parseLong(words[3])),
					Boolean.parseBoolean(words[4]));
		}

	}

}
