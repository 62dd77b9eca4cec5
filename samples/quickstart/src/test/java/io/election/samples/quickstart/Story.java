package io.election.samples.quickstart;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

import io.election.samples.quickstart.Promises.BrokenException;
import io.election.samples.quickstart.Replicas.Event;
import io.election.samples.quickstart.Signal.Kind;
import io.election.testing.servers.PostgresServer;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the demo shows: a leader that is killed, one that resigns, one that is stopped.
 */
final class Story {

	static final List<String> NAMES = List.of("replica-1", "replica-2", "replica-3");

	static final String ENDPOINT = "/actuator/leadership/billing";

	private static final int SIGTERM_STATUS = 128 + 15;

	private static final int FEW_SAMPLES = 100;

	private static final Duration START_LIMIT = Duration.ofSeconds(30);

	/** So short that no lease can have run out. */
	private static final Duration HAND_OVER_LIMIT = Duration.ofSeconds(1);

	private static final Duration SOON = Duration.ofSeconds(3);

	private static final Duration POLL = Duration.ofMillis(50);

	/** Between two acts, for who reads along. */
	private static final Duration BREATH = Duration.ofSeconds(1);

	private final Timeline timeline;

	private final PostgresServer server;

	private final Replicas replicas;

	private final Duration lease;

	private final Promises promises = new Promises();

	Story(Timeline timeline, PostgresServer server, Replicas replicas, Duration lease) {
		this.timeline = timeline;
		this.server = server;
		this.replicas = replicas;
		this.lease = lease;
	}

	/**
	 * Tell the story, to where it breaks a promise.
	 * @return the promises and what became of them
	 */
	Promises tell() {
		try {
			String first = startAll();
			String second = killLeader(first);
			restart(first);
			String third = resignLeader(second);
			String fourth = stopLeader(third);
			checkWork(fourth);
		}
		catch (BrokenException ex) {
			this.promises.check(false, ex.promise(), ex.getMessage());
		}
		checkTokens();
		checkSamples();
		return this.promises;
	}

	/**
	 * Start whatever was killed or stopped.
	 */
	void restartAll() {
		NAMES.stream().filter((name) -> this.replicas.get(name) == null).forEach(this::restart);
	}

	private String startAll() {
		this.timeline.print("Starting " + String.join(", ", NAMES) + ", each a JVM of its own");
		NAMES.forEach(this.replicas::start);
		String promise = "one of three replicas leads";
		String leader = this.replicas.await(promise, START_LIMIT, (event) -> event.is(Kind.GRANTED)).replica();
		NAMES.forEach((name) -> awaitReady(promise, name, 0));
		checkEndpoint(leader);
		this.promises.check(true, promise, leader);
		return leader;
	}

	private String killLeader(String leader) {
		breathe();
		this.timeline.print("kill -9 " + leader);
		long fault = System.nanoTime();
		this.replicas.remove(leader).kill9();
		return handOver(
				"after kill -9 of the leader, another leads within its lease of " + this.lease.toSeconds() + " s",
				leader, fault, this.lease.plusSeconds(1))
			.replica();
	}

	private void restart(String name) {
		this.timeline.print("Starting " + name + " again");
		long start = System.nanoTime();
		this.replicas.start(name);
		awaitReady(name + " starts again", name, start);
	}

	private String resignLeader(String leader) {
		breathe();
		this.timeline.print("POST /resign to " + leader);
		long fault = System.nanoTime();
		this.replicas.get(leader).post("/resign");
		Event successor = handOver("after a resignation, another leads at once", leader, fault, HAND_OVER_LIMIT);
		checkRevoked("RESIGNED", leader, fault, successor);
		return successor.replica();
	}

	private String stopLeader(String leader) {
		breathe();
		this.timeline.print("kill " + leader + " (SIGTERM: it stops gracefully)");
		long fault = System.nanoTime();
		Replica stopping = this.replicas.remove(leader);
		stopping.sigterm();
		Event successor = handOver("after a graceful stop, another leads at once", leader, fault, HAND_OVER_LIMIT);
		int status = stopping.awaitExit(SOON);
		this.timeline.print(leader + " has ended");
		checkRevoked("STOPPED", leader, fault, successor);
		this.promises.check(status == SIGTERM_STATUS, "a graceful stop ends the process", "status " + status);
		return successor.replica();
	}

	private void awaitReady(String promise, String name, long after) {
		this.replicas.await(promise, START_LIMIT,
				(event) -> event.is(Kind.READY) && event.replica().equals(name) && event.at() > after);
	}

	private Event handOver(String promise, String former, long fault, Duration limit) {
		Event successor = this.replicas.await(promise, limit,
				(event) -> event.is(Kind.GRANTED) && !event.replica().equals(former) && event.at() > fault);
		String took = milliseconds(successor.at() - fault);
		this.timeline.print(successor.at(), "  handed over in " + took);
		this.promises.check(true, promise, took);
		return successor;
	}

	private void checkRevoked(String reason, String former, long fault, Event successor) {
		boolean inTime = this.replicas.events(Kind.REVOKED)
			.stream()
			.filter((event) -> event.replica().equals(former) && event.at() > fault && event.at() < successor.at())
			.anyMatch((event) -> event.signal().detail().equals(reason));
		this.promises.check(inTime, "the former leader was told first", inTime ? reason : "no event in time");
	}

	private void checkEndpoint(String leader) {
		String promise = "GET " + ENDPOINT + " of every replica names the leader";
		await(promise, () -> this.replicas.running().stream().allMatch((replica) -> leader.equals(leaderBy(replica))));
		this.timeline.print("GET " + ENDPOINT + ": every replica names " + leader);
		this.promises.check(true, promise, leader);
	}

	private static String leaderBy(Replica replica) {
		return JsonMapper.shared().readTree(replica.get(ENDPOINT)).at("/leader/candidateId").asString();
	}

	private void checkWork(String leader) {
		checkEndpoint(leader);
		List<Event> grants = this.replicas.events(Kind.GRANTED);
		String token = String.valueOf(grants.get(grants.size() - 1).signal().token());
		String promise = "the scheduled job works on the leader, with its token";
		await(promise, () -> token.equals(this.server.query("select fencing_token from billing")));
		this.promises.check(true, promise,
				this.server.query("select runs from billing") + " runs, the last with token " + token);
	}

	private void checkTokens() {
		List<Long> tokens = this.replicas.events(Kind.GRANTED)
			.stream()
			.sorted(Comparator.comparing(Event::at))
			.map((event) -> event.signal().token())
			.toList();
		boolean rising = tokens.equals(tokens.stream().distinct().sorted().toList());
		this.promises.check(rising, "each leader has a greater fencing token than those before",
				tokens.stream().map(String::valueOf).collect(Collectors.joining(", ")));
	}

	private void checkSamples() {
		String promise = "never two leaders at once, as sampled on every replica";
		Map<String, Long> samples = this.replicas.terms().samples();
		List<String> overlaps = this.replicas.terms().overlaps();
		boolean enough = NAMES.stream().allMatch((name) -> samples.getOrDefault(name, 0L) > FEW_SAMPLES);
		long sum = samples.values().stream().mapToLong(Long::longValue).sum();
		this.promises.check(enough && overlaps.isEmpty(), promise,
				overlaps.isEmpty() ? String.format(Locale.ROOT, "%,d calls of isLeader()", sum)
						: "both led " + String.join(", ", overlaps));
	}

	private static void await(String promise, BooleanSupplier condition) {
		long start = System.nanoTime();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - start > SOON.toNanos()) {
				throw new BrokenException(promise, "not within " + SOON.toSeconds() + " s");
			}
			sleep(POLL);
		}
	}

	private static void breathe() {
		sleep(BREATH);
	}

	private static void sleep(Duration duration) {
		try {
			Thread.sleep(duration.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
	}

	private static String milliseconds(long nanos) {
		return String.format(Locale.ROOT, "%,.1f ms", nanos / (double) Duration.ofMillis(1).toNanos());
	}

}
