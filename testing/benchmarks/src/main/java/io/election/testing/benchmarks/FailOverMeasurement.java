package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.election.testing.integration.ElectionBackend;
import io.election.testing.integration.ElectionServer;
import io.election.testing.integration.Node;
import io.election.testing.integration.NodeReports.Event;

/**
 * For how long nobody leads after {@code kill -9} of the leader, beyond its lease: from
 * the instant at which the lease had run out to the call of the listener of the granted
 * event in another process. Lease 3 s, renew deadline 2 s, retry period 0.4 s; three new
 * replicas in every round, the leader killed at a random instant.
 * <p>
 * The lease runs out one lease duration after the leader asked for the last renewal. The
 * leader is asked when that is before it is killed, which it never is just before a
 * renewal: should it renew in between, the round would show a retry period too much.
 * Nodes are on one host and read the same monotonic clock.
 */
public final class FailOverMeasurement {

	private static final Duration LEASE = Duration.ofSeconds(3);

	private static final Duration RETRY_PERIOD = Duration.ofMillis(400);

	private static final Duration BEFORE_RENEWAL = Duration.ofMillis(80);

	private static final Duration POLL = Duration.ofMillis(20);

	private static final int ROUNDS = 20;

	private final Random random = new Random(1);

	private final ElectionServer server;

	private FailOverMeasurement(ElectionServer server) {
		this.server = server;
	}

	/**
	 * Measures.
	 * @param args the backend, {@code postgres} by default, and how many elections, 1 and
	 * then 100 by default
	 */
	public static void main(String[] args) {
		try (ElectionServer server = ElectionBackend.of(args).newServer()) {
			server.server().start();
			List<String> counts = (args.length > 1) ? List.of(args).subList(1, args.length) : List.of("1", "100");
			counts.forEach((count) -> new FailOverMeasurement(server).measure(Integer.parseInt(count)));
		}
		System.exit(0);
	}

	private void measure(int elections) {
		Figures last = new Figures();
		for (int round = 0; round < ROUNDS; round++) {
			last.addNanos(killLeader("of-" + elections + "-round-" + round, elections));
		}
		System.out.println("kill -9 of the leader of " + elections
				+ " election(s), lease ran out -> granted elsewhere, the last of them: " + last);
	}

	/** Returns how long after its lease the last election was led again. */
	private long killLeader(String prefix, int count) {
		List<String> elections = Nodes.names(prefix + "-", count);
		try (Node leader = start("leader", elections)) {
			elections.forEach((election) -> leader.awaitGranted(0, election));
			try (Node second = start("second", elections); Node third = start("third", elections)) {
				// Whoever has never seen the record cannot know when the lease began
				elections.forEach((election) -> awaitLeaderKnown(election, second, third));
				// What is new has settled by then, on a machine with few processors
				Nodes.sleep(Duration.ofMillis(2000 + this.random.nextInt(400)));
				Map<String, Long> ends = leaseEnds(leader);
				while (mayRenewSoon(ends)) {
					Nodes.sleep(POLL);
					ends = leaseEnds(leader);
				}
				leader.process().kill9();
				Nodes.sleep(LEASE);
				return latest(elections, ends, second, third);
			}
		}
	}

	private static void awaitLeaderKnown(String election, Node... nodes) {
		for (Node node : nodes) {
			node.awaitEvent(0, (event) -> event.election().equals(election));
		}
	}

	private Node start(String candidateId, List<String> elections) {
		return Nodes.measured(candidateId, this.server.properties(elections.get(0), LEASE))
			.property("election.names", String.join(",", elections))
			.start();
	}

	/** When its leases run out, on the monotonic clock of this host. */
	private static Map<String, Long> leaseEnds(Node leader) {
		Map<String, Long> ends = new HashMap<>();
		for (String held : leader.command("lease-ends").result().split(" ")) {
			String[] electionAndEnd = held.split("=");
			ends.put(electionAndEnd[0], Long.parseLong(electionAndEnd[1]));
		}
		return ends;
	}

	private static boolean mayRenewSoon(Map<String, Long> leaseEnds) {
		long oldest = Collections.min(leaseEnds.values()) - LEASE.toNanos();
		return System.nanoTime() - oldest > RETRY_PERIOD.minus(BEFORE_RENEWAL).toNanos();
	}

	private static long latest(List<String> elections, Map<String, Long> ends, Node... nodes) {
		Map<String, Long> granted = new HashMap<>();
		long start = System.nanoTime();
		while (!granted.keySet().containsAll(elections)) {
			if (System.nanoTime() - start > Node.LIMIT.toNanos()) {
				throw new IllegalStateException("Only granted within " + Node.LIMIT + ": " + granted.keySet());
			}
			for (Node node : nodes) {
				node.reports()
					.events()
					.stream()
					.filter(Event::isGranted)
					.forEach((event) -> granted.putIfAbsent(event.election(), event.at()));
			}
			Nodes.sleep(POLL);
		}
		return elections.stream()
			.mapToLong((election) -> granted.get(election) - ends.get(election))
			.max()
			.orElseThrow();
	}

}
