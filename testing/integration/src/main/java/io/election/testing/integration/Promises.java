package io.election.testing.integration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.election.testing.integration.NodeReports.Event;
import io.election.testing.integration.NodeReports.Run;

/**
 * Judges what nodes have reported by what the starter promises. Finds what is proven
 * only: what might be explained by the time that passes between an answer and the next
 * reading of the clock is no violation.
 */
public final class Promises {

	private final List<String> violations = new ArrayList<>();

	private Promises() {
	}

	/**
	 * What the given nodes have broken so far.
	 * @param nodes all nodes of their elections
	 * @return a sentence each
	 */
	public static List<String> violations(List<Node> nodes) {
		return violationsIn(nodes.stream().map(Node::reports).toList());
	}

	static List<String> violationsIn(List<NodeReports> reports) {
		Promises promises = new Promises();
		reports.forEach(promises::judgeEvents);
		promises.judgeRuns(reports.stream().flatMap((report) -> report.runs().stream()).toList());
		promises.judgeTokens(reports);
		return promises.violations;
	}

	/** Strictly granted, revoked, granted; not leader any more when revoked. */
	private void judgeEvents(NodeReports reports) {
		Map<String, Event> granted = new HashMap<>();
		Map<String, Long> highest = new HashMap<>();
		for (Event event : reports.events()) {
			if (event.isGranted()) {
				Event open = granted.put(event.election(), event);
				if (open != null) {
					this.violations.add(event + " although not revoked: " + open);
				}
				Long former = highest.put(event.election(), event.token());
				if (former != null && former >= event.token()) {
					this.violations.add(event + " after token " + former);
				}
			}
			else if (event.isRevoked()) {
				Event open = granted.remove(event.election());
				if (open == null || open.token() != event.token()) {
					this.violations.add(event + " ends " + open);
				}
				if (event.leads()) {
					this.violations.add(event + " while isLeader() is true");
				}
				reports.runs()
					.stream()
					.filter((run) -> run.election().equals(event.election()) && run.token() == event.token())
					.filter((run) -> run.last().before() > event.at())
					.forEach((run) -> this.violations.add(run + " after " + event));
			}
		}
	}

	/** At most one leader at any instant, and later terms have higher tokens. */
	private void judgeRuns(List<Run> runs) {
		Map<String, List<Run>> elections = new HashMap<>();
		for (Run run : runs) {
			List<Run> others = elections.computeIfAbsent(run.election(), (name) -> new ArrayList<>());
			others.forEach((other) -> judge(run, other));
			others.add(run);
		}
	}

	private void judge(Run one, Run other) {
		boolean sameTerm = one.node().equals(other.node()) && one.token() == other.token();
		if (!sameTerm && one.overlaps(other)) {
			this.violations.add("Two leaders: " + one + " and " + other);
		}
		if (sameTerm) {
			this.violations.add("A broken term: " + one + " and " + other);
		}
		else if ((one.isCertainlyBefore(other) && one.token() >= other.token())
				|| (other.isCertainlyBefore(one) && other.token() >= one.token())) {
			this.violations.add("Tokens do not increase: " + one + " and " + other);
		}
	}

	/** A token is granted once. */
	private void judgeTokens(List<NodeReports> reports) {
		Map<List<Object>, Event> granted = new HashMap<>();
		for (NodeReports report : reports) {
			for (Event event : report.events()) {
				Event other = event.isGranted() ? granted.put(List.of(event.election(), event.token()), event) : null;
				if (other != null) {
					this.violations.add("The same token: " + event + " and " + other);
				}
			}
		}
	}

}
