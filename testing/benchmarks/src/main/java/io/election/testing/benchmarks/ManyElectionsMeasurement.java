package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.election.testing.integration.ElectionBackend;
import io.election.testing.integration.ElectionServer;
import io.election.testing.integration.Node;
import io.election.testing.integration.NodeReports.Event;

/**
 * What many elections in one process take: time from their start until all are led, of
 * elections that nobody has led before and again after a stop; threads, memory and
 * processor time. Lease 15 s, renew deadline 10 s, retry period 2 s.
 */
public final class ManyElectionsMeasurement {

	private static final Duration LEASE = Duration.ofSeconds(15);

	private static final Duration IDLE = Duration.ofSeconds(60);

	private ManyElectionsMeasurement() {
	}

	/**
	 * Measures.
	 * @param args the backend, {@code postgres} by default, and how many elections, 1000
	 * and then 10000 by default
	 */
	public static void main(String[] args) {
		List<String> counts = (args.length > 1) ? List.of(args).subList(1, args.length) : List.of("1000", "10000");
		counts.forEach((count) -> measure(ElectionBackend.of(args), Integer.parseInt(count)));
		System.exit(0);
	}

	private static void measure(ElectionBackend backend, int count) {
		List<String> elections = Nodes.names("e", count);
		try (ElectionServer server = backend.newServer()) {
			server.server().start();
			List<String> properties = server.properties("e0", LEASE);
			int threadsWithout = threadsWithout(properties);
			try (Node node = Nodes.measured("node", properties)
				.property("election.names", String.join(",", elections))
				.start()) {
				System.out.println(count + " elections:");
				System.out.println("  first start -> all granted:       " + untilAllAreGranted(node, 0, elections));
				node.awaitReady();
				for (int i = 0; i < 3; i++) {
					int mark = node.mark();
					Node.Outcome stop = node.command("stop");
					System.out.println("  stop:                             " + millis(stop.end() - stop.begin()));
					node.command("start");
					System.out
						.println("  start again -> all granted:       " + untilAllAreGranted(node, mark, elections));
				}
				System.out.println("  threads:                          " + node.command("threads").result()
						+ ", without elections " + threadsWithout);
				idle(node);
				try (Node other = Nodes.measured("other", properties)
					.property("election.names", String.join(",", elections))
					.start()) {
					other.awaitReady();
					Nodes.sleep(Duration.ofSeconds(10));
					int mark = other.mark();
					long begin = node.command("stop").begin();
					System.out.println("  stop -> all granted elsewhere:    "
							+ millis(latestGrant(other, mark, elections) - begin));
				}
			}
			System.out.println("  WARNING, ERROR or worse in the log: " + server.server().logErrors());
		}
	}

	private static int threadsWithout(List<String> properties) {
		try (Node node = Nodes.measured("without", properties).property("election.enabled", "false").start()) {
			node.awaitReady();
			return Integer.parseInt(node.command("threads").result());
		}
	}

	private static void idle(Node node) {
		long before = Long.parseLong(node.command("cpu").result());
		int mark = node.mark();
		Nodes.sleep(IDLE);
		long after = Long.parseLong(node.command("cpu").result());
		System.out.println("  processor time of a second:       " + millis((after - before) / IDLE.toSeconds()));
		System.out.println("  memory in use after a collection: "
				+ Long.parseLong(node.command("heap").result()) / (1024 * 1024) + " MB");
		long events = node.process().lines().stream().skip(mark).filter((line) -> line.startsWith("@revoked")).count();
		System.out.println("  revoked meanwhile:                " + events);
	}

	private static String untilAllAreGranted(Node node, int mark, List<String> elections) {
		String starting = node.awaitLine(mark, (line) -> line.startsWith("@starting "));
		return millis(latestGrant(node, mark, elections) - Long.parseLong(starting.split(" ")[1]));
	}

	private static long latestGrant(Node node, int mark, List<String> elections) {
		Set<String> missing = new HashSet<>(elections);
		return node.awaitEvent(mark, (event) -> isLast(event, missing)).at();
	}

	private static boolean isLast(Event event, Set<String> missing) {
		return event.isGranted() && missing.remove(event.election()) && missing.isEmpty();
	}

	private static String millis(long nanos) {
		return nanos / 1_000_000 + " ms";
	}

}
