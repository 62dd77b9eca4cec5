package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.election.testing.integration.ElectionBackend;
import io.election.testing.integration.ElectionServer;
import io.election.testing.integration.Node;
import io.election.testing.integration.NodeReports.Event;

/**
 * Whether elections go on after the process of the leader was out of memory for ten
 * seconds: a thread of the application fills a heap of 64 MB to the last bytes. The
 * process is the only candidate.
 */
public final class OutOfMemoryMeasurement {

	private static final Duration LEASE = Duration.ofSeconds(3);

	private static final Duration RETRY_PERIOD = Duration.ofMillis(400);

	private static final Duration PRESSURE = Duration.ofSeconds(10);

	private static final Duration POLL = Duration.ofMillis(20);

	private OutOfMemoryMeasurement() {
	}

	/**
	 * Measures.
	 * @param args the backend, {@code postgres} by default, and how many rounds, 10 by
	 * default
	 */
	public static void main(String[] args) {
		ElectionBackend backend = ElectionBackend.of(args);
		try (ElectionServer server = backend.newServer()) {
			server.server().start();
			int rounds = (args.length > 1) ? Integer.parseInt(args[1]) : 10;
			Figures leads = new Figures();
			for (int round = 0; round < rounds; round++) {
				measure(server, "round-" + round, leads);
			}
			System.out.println(backend + ": memory is free -> leads (again), " + leads);
		}
		System.exit(0);
	}

	private static void measure(ElectionServer server, String election, Figures leads) {
		try (Node node = Nodes.measured("node", server.properties(election, LEASE))
			.options("-Xmx64m", "-XX:-UseSerialGC", "-XX:+UseG1GC")
			.start()) {
			node.awaitReady();
			node.awaitGranted(0, election);
			Nodes.sleep(LEASE);
			long free = node.command("fill-heap " + PRESSURE.toMillis()).end();
			long limit = free + LEASE.plus(RETRY_PERIOD.multipliedBy(2)).toNanos();
			boolean led = leads(node, election);
			while (!led && System.nanoTime() < limit) {
				Nodes.sleep(POLL);
				led = leads(node, election);
			}
			if (led) {
				leads.addNanos(System.nanoTime() - free);
			}
			Nodes.sleep(RETRY_PERIOD.multipliedBy(3)); // so long, an outage shows
			List<Event> events = node.reports().events();
			Set<Long> revoked = tokens(events.stream().filter(Event::isRevoked).toList());
			Set<Long> granted = tokens(events.stream().filter(Event::isGranted).toList());
			granted.removeAll(revoked);
			System.out.println(election + ": leads " + led + ", terms that have ended " + revoked + ", not " + granted
					+ ", last error " + node.command("error " + election).result());
		}
	}

	private static Set<Long> tokens(List<Event> events) {
		return events.stream().map(Event::token).collect(Collectors.toSet());
	}

	private static boolean leads(Node node, String election) {
		return Boolean.parseBoolean(node.command("leads " + election).result());
	}

}
