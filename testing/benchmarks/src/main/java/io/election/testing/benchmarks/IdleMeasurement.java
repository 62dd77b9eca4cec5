package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import io.election.testing.integration.ElectionBackend;
import io.election.testing.integration.ElectionServer;
import io.election.testing.integration.Node;
import io.election.testing.integration.NodeReports.Event;

/**
 * What elections ask of a server while nothing happens, as the server tells. Lease 15 s,
 * renew deadline 10 s, retry period 2 s. A node that is added is charged with what all
 * ask more than before.
 */
public final class IdleMeasurement {

	private static final Duration LEASE = Duration.ofSeconds(15);

	private static final Duration SETTLING = Duration.ofSeconds(10);

	/** Some times what is rarest, so that it cannot make much of a difference. */
	private static final Duration TIME = LEASE.multipliedBy(6);

	private final ElectionServer server;

	private Map<String, Double> before = Map.of();

	private IdleMeasurement(ElectionServer server) {
		this.server = server;
	}

	/**
	 * Measures.
	 * @param args the backend, {@code postgres} by default
	 */
	public static void main(String[] args) {
		for (int count : new int[] { 1, 1000 }) {
			try (ElectionServer server = ElectionBackend.of(args).newServer()) {
				server.countRequests();
				server.server().start();
				System.out.println(count + " election(s), requests a second of a node that:");
				new IdleMeasurement(server).measure(count);
				System.out.println("  WARNING, ERROR or worse in the log: " + server.server().logErrors());
			}
		}
		System.exit(0);
	}

	private void measure(int count) {
		String some = String.join(",", Nodes.names("some-", count));
		String others = String.join(",", Nodes.names("other-", count));
		try (Node leads = start("leads", "some-0", some)) {
			leads.awaitGranted(0, "some-" + (count - 1));
			measure("only leads", leads);
			try (Node waits = start("waits", "some-0", some)) {
				waits.awaitEvent(0, (event) -> event.election().equals("some-" + (count - 1)));
				measure("only waits", waits);
				try (Node both = start("both", "other-0", some + "," + others)) {
					both.awaitGranted(0, "other-" + (count - 1));
					measure("does both", both);
				}
			}
		}
	}

	private Node start(String candidateId, String main, String names) {
		Node node = Nodes.measured(candidateId, this.server.properties(main, LEASE))
			.property("election.names", names)
			.start();
		node.awaitReady();
		return node;
	}

	private void measure(String what, Node node) {
		Nodes.sleep(SETTLING);
		Map<String, Long> begin = this.server.requests();
		Nodes.sleep(TIME);
		Map<String, Double> now = new TreeMap<>();
		this.server.requests()
			.forEach((kind, number) -> now.put(kind,
					(number - begin.getOrDefault(kind, 0L)) / (double) TIME.toSeconds()));
		double sum = total(now) - total(this.before);
		System.out.println(String.format(Locale.ROOT, "  %-10s  %.2f", what, sum));
		now.forEach((kind, rate) -> {
			double more = rate - this.before.getOrDefault(kind, 0.0);
			if (more != 0) {
				System.out.println(String.format(Locale.ROOT, "              %5.2f %s", more, kind));
			}
		});
		System.out.println("              " + summary(node));
		this.before = now;
	}

	private static double total(Map<String, Double> rates) {
		return rates.values().stream().mapToDouble(Double::doubleValue).sum();
	}

	private static String summary(Node node) {
		List<Event> events = node.reports().events();
		return events.stream().filter(Event::isGranted).count() + " granted, "
				+ events.stream().filter(Event::isRevoked).count() + " revoked since the start, "
				+ node.command("threads").result() + " threads";
	}

}
