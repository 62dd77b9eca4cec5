package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import io.election.testing.integration.ElectionDatabase;
import io.election.testing.integration.Node;
import io.election.testing.integration.NodeReports.Run;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.JavaProcess;
import io.election.testing.servers.SqlServer;

/**
 * The same three stories with this starter and with Spring Integration's
 * {@code LockRegistryLeaderInitiator} over a {@code JdbcLockRegistry}, one after the
 * other: the leader gives up on purpose, is killed, and is cut off from the server for
 * three times the lease. Lease (time to live) 3 s, retry period (heart beat) 0.4 s; pool,
 * driver and the rest as they come.
 */
public final class PeerMeasurement {

	private static final Duration LEASE = Duration.ofSeconds(3);

	private static final String LOCK_TABLE = """
			create table int_lock (lock_key char(36) not null, region varchar(100) not null, client_id char(36),
			created_date timestamp not null, expired_after timestamp not null, primary key (lock_key, region))""";

	private static final Duration COUNTED = Duration.ofSeconds(30);

	private static final int YIELDS = 30;

	private static final int KILLS = 5;

	private PeerMeasurement() {
	}

	/**
	 * Measures.
	 * @param args none
	 */
	public static void main(String[] args) {
		try (ElectionDatabase database = ElectionDatabase.postgres()) {
			SqlServer server = database.server();
			server.start();
			server.execute(LOCK_TABLE);
			System.out.println("This starter:");
			System.out.println("  resign -> granted elsewhere:          " + resign(database));
			System.out.println("  kill -9 -> granted elsewhere:         " + kill(database));
			System.out.println("  link frozen for 9 s, both led for:    " + freeze(database));
			System.out.println("Spring Integration:");
			System.out.println("  yield -> granted elsewhere:           " + yieldOfPeers(server));
			System.out.println("  kill -9 -> granted elsewhere:         " + killOfPeers(server));
			System.out.println("  link frozen for 9 s, both led for:    " + freezeOfPeers(server));
		}
		try (ElectionDatabase database = ElectionDatabase.postgres()) {
			SqlServer server = database.server();
			server.logStatements();
			server.start();
			server.execute(LOCK_TABLE);
			System.out.println("This starter, waiting:                  " + idle(database));
			System.out.println("Spring Integration, waiting:            " + idleOfPeers(server));
		}
		System.exit(0);
	}

	private static Figures resign(ElectionDatabase database) {
		Figures figures = new Figures();
		try (Node first = node(database, "resigns", "first")) {
			first.awaitGranted(0, "resigns");
			try (Node second = node(database, "resigns", "second")) {
				second.awaitReady();
				Node leader = first;
				for (int i = 0; i < YIELDS; i++) {
					Node other = (leader == first) ? second : first;
					Nodes.sleep(Duration.ofMillis(500));
					int mark = other.mark();
					long begin = leader.command("resign resigns").begin();
					figures.addNanos(other.awaitGranted(mark, "resigns").at() - begin);
					leader = other;
				}
			}
		}
		return figures;
	}

	private static Figures kill(ElectionDatabase database) {
		Figures figures = new Figures();
		for (int i = 0; i < KILLS; i++) {
			String election = "killed-" + i;
			try (Node leader = node(database, election, "leader")) {
				leader.awaitGranted(0, election);
				try (Node other = node(database, election, "other")) {
					other.awaitReady();
					Nodes.sleep(LEASE);
					leader.process().kill9();
					long killed = System.nanoTime();
					figures.addNanos(other.awaitGranted(0, election).at() - killed);
				}
			}
		}
		return figures;
	}

	private static String freeze(ElectionDatabase database) {
		try (FaultProxy proxy = FaultProxy.to(database.server().port());
				Node cutOff = Nodes.measured("cut-off", database.properties("frozen", LEASE, proxy))
					.property("node.sampling", "true")
					.start()) {
			cutOff.awaitGranted(0, "frozen");
			try (Node other = Nodes.measured("other", database.properties("frozen", LEASE))
				.property("node.sampling", "true")
				.start()) {
				other.awaitReady();
				freezeAndThaw(proxy);
				return seconds(overlap(led(cutOff), led(other)));
			}
		}
	}

	private static String idle(ElectionDatabase database) {
		try (Node leader = Nodes.measured("leader", database.connection(null))
			.property("election.name", "idle")
			.start()) {
			leader.awaitGranted(0, "idle");
			long[] alone = count(database.server());
			try (Node waiting = Nodes.measured("waiting", database.connection(null))
				.property("election.name", "idle")
				.start()) {
				waiting.awaitReady();
				return difference(alone, count(database.server()));
			}
		}
	}

	private static String idleOfPeers(SqlServer server) {
		try (JavaProcess leader = peer(server, server.jdbcUrl(), LockRegistryDefaults.TIME_TO_LIVE,
				LockRegistryDefaults.HEART_BEAT, 0)) {
			leader.awaitLine((line) -> line.startsWith("@granted "), Node.LIMIT);
			long[] alone = count(server);
			try (JavaProcess waiting = peer(server, server.jdbcUrl(), LockRegistryDefaults.TIME_TO_LIVE,
					LockRegistryDefaults.HEART_BEAT, 0)) {
				return difference(alone, count(server));
			}
		}
	}

	/** Statements and log entries of level WARNING or above, after a while to settle. */
	private static long[] count(SqlServer server) {
		Nodes.sleep(Duration.ofSeconds(5));
		long statements = server.statements().size();
		long errors = server.logErrors().size();
		Nodes.sleep(COUNTED);
		return new long[] { server.statements().size() - statements, server.logErrors().size() - errors };
	}

	private static String difference(long[] before, long[] after) {
		return String.format(Locale.ROOT, "%.2f statements/s, %.2f warnings and errors in the server's log/s",
				(after[0] - before[0]) / (double) COUNTED.toSeconds(),
				(after[1] - before[1]) / (double) COUNTED.toSeconds());
	}

	private static List<long[]> led(Node node) {
		return node.reports().runs().stream().map(PeerMeasurement::interval).toList();
	}

	private static long[] interval(Run run) {
		return new long[] { run.first().after(), run.last().before() };
	}

	private static Node node(ElectionDatabase database, String election, String candidateId) {
		return Nodes.measured(candidateId, database.properties(election, LEASE)).start();
	}

	private static Figures yieldOfPeers(SqlServer server) {
		Figures figures = new Figures();
		int again = 0;
		try (JavaProcess first = peer(server, server.jdbcUrl(), 500);
				JavaProcess second = peer(server, server.jdbcUrl(), 500)) {
			long since = System.nanoTime();
			for (int i = 0; i < YIELDS; i++) {
				long yielded = awaitEarliest("@yield ", since, first, second);
				long granted = awaitEarliest("@granted ", yielded, first, second);
				boolean byFirst = contains(first, "@granted " + granted);
				if (byFirst == contains(first, "@yield " + yielded)) {
					again++;
				}
				else {
					figures.addNanos(granted - yielded);
				}
				since = granted;
			}
		}
		System.out.println("  (granted to the same candidate again: " + again + " of " + YIELDS + ")");
		return figures;
	}

	private static boolean contains(JavaProcess peer, String line) {
		return peer.lines().contains(line);
	}

	private static long awaitEarliest(String event, long since, JavaProcess... peers) {
		long start = System.nanoTime();
		while (System.nanoTime() - start < Node.LIMIT.toNanos()) {
			List<Long> instants = new ArrayList<>();
			for (JavaProcess peer : peers) {
				peer.lines()
					.stream()
					.filter((line) -> line.startsWith(event))
					.map((line) -> Long.parseLong(line.split(" ")[1]))
					.filter((instant) -> instant > since)
					.forEach(instants::add);
			}
			if (!instants.isEmpty()) {
				return instants.stream().sorted().findFirst().orElseThrow();
			}
			Nodes.sleep(Duration.ofMillis(20));
		}
		throw new IllegalStateException("No " + event + "within " + Node.LIMIT);
	}

	private static Figures killOfPeers(SqlServer server) {
		Figures figures = new Figures();
		Predicate<String> isGranted = (line) -> line.startsWith("@granted ");
		for (int i = 0; i < KILLS; i++) {
			try (JavaProcess leader = peer(server, server.jdbcUrl(), 0)) {
				leader.awaitLine(isGranted, Node.LIMIT);
				try (JavaProcess other = peer(server, server.jdbcUrl(), 0)) {
					Nodes.sleep(LEASE.multipliedBy(2));
					leader.kill9();
					long killed = System.nanoTime();
					String granted = other.awaitLine(isGranted, Node.LIMIT);
					figures.addNanos(Long.parseLong(granted.split(" ")[1]) - killed);
				}
			}
		}
		return figures;
	}

	private static String freezeOfPeers(SqlServer server) {
		try (FaultProxy proxy = FaultProxy.to(server.port());
				JavaProcess cutOff = peer(server, server.jdbcUrl(proxy), 0)) {
			cutOff.awaitLine((line) -> line.startsWith("@granted "), Node.LIMIT);
			try (JavaProcess other = peer(server, server.jdbcUrl(), 0)) {
				Nodes.sleep(LEASE);
				freezeAndThaw(proxy);
				return seconds(overlap(led(cutOff), led(other)));
			}
		}
	}

	private static List<long[]> led(JavaProcess peer) {
		List<long[]> intervals = new ArrayList<>();
		for (String line : peer.lines()) {
			String[] words = line.split(" ");
			if (words[0].equals("@true")) {
				intervals.add(new long[] { Long.parseLong(words[2]), System.nanoTime() });
			}
			else if (words[0].equals("@false")) {
				intervals.get(intervals.size() - 1)[1] = Long.parseLong(words[1]);
			}
		}
		return intervals;
	}

	private static JavaProcess peer(SqlServer server, String url, long yieldAfter) {
		return peer(server, url, LEASE, Duration.ofMillis(400), yieldAfter);
	}

	private static JavaProcess peer(SqlServer server, String url, Duration timeToLive, Duration heartBeat,
			long yieldAfter) {
		return JavaProcess.of(PeerNode.class)
			.arguments(url, server.username(), server.password(), String.valueOf(timeToLive.toMillis()),
					String.valueOf(heartBeat.toMillis()), String.valueOf(yieldAfter))
			.start();
	}

	private static void freezeAndThaw(FaultProxy proxy) {
		Nodes.sleep(LEASE);
		proxy.freeze();
		Nodes.sleep(LEASE.multipliedBy(3));
		proxy.pass();
		Nodes.sleep(LEASE);
	}

	private static long overlap(List<long[]> some, List<long[]> others) {
		long overlap = 0;
		for (long[] one : some) {
			for (long[] other : others) {
				overlap += Math.max(0, Math.min(one[1], other[1]) - Math.max(one[0], other[0]));
			}
		}
		return overlap;
	}

	private static String seconds(long nanos) {
		return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
	}

	/** Of {@code JdbcLockRegistry} and {@code LockRegistryLeaderInitiator}. */
	private static final class LockRegistryDefaults {

		private static final Duration TIME_TO_LIVE = Duration.ofSeconds(10);

		private static final Duration HEART_BEAT = Duration.ofMillis(500);

	}

}
