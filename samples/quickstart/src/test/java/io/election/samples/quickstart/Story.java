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

	private final DemoServers servers;

	private final Replicas replicas;

	private final Duration lease;

	private final Promises promises = new Promises();

	Story(Timeline timeline, DemoServers servers, Replicas replicas, Duration lease) {
		this.timeline = timeline;
		this.servers = servers;
		this.replicas = replicas;
		this.lease = lease;
	}

	/**
	 * Tell the story, up to where it breaks a promise.
	 * @return the promises and what became of them
	 */
	Promises tell() {
		try {
			startAll();
			checkEndpoint();
			killLeader();
			restartMissing();
			resignLeader();
			stopLeader();
			checkEndpoint();
			checkWork();
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
	void restartMissing() {
		List<String> running = this.replicas.running().stream().map(Replica::name).toList();
		for (String name : NAMES) {
			if (!running.contains(name)) {
				this.timeline.print("Starting " + name + " again");
				start(List.of(name));
			}
		}
	}

	private void startAll() {
		this.timeline.print("Starting " + String.join(", ", NAMES) + ", each a JVM of its own");
		start(NAMES);
		String promise = "one of three replicas leads";
		this.promises.check(true, promise, this.replicas.awaitLeader(promise, START_LIMIT).name());
	}

	private void start(List<String> names) {
		long start = System.nanoTime();
		names.forEach(this.replicas::start);
		names.forEach((name) -> this.replicas.await(name + " starts", START_LIMIT,
				(event) -> event.is(Kind.READY) && event.replica().equals(name) && event.at() > start));
	}

	private void killLeader() {
		Replica leader = leaderAfterBreath();
		this.timeline.print("kill -9 " + leader.name());
		long fault = System.nanoTime();
		this.replicas.remove(leader);
		leader.kill9();
		handOver("kill -9", "when the lease of " + this.lease.toSeconds() + " s has run out", leader, fault,
				this.lease.plusSeconds(1));
	}

	private void resignLeader() {
		Replica leader = leaderAfterBreath();
		this.timeline.print("POST /resign to " + leader.name());
		long fault = System.nanoTime();
		leader.post("/resign");
		Event successor = handOver("a resignation", "at once", leader, fault, HAND_OVER_LIMIT);
		checkRevoked("RESIGNED", leader, fault, successor);
	}

	private void stopLeader() {
		Replica leader = leaderAfterBreath();
		this.timeline.print("kill " + leader.name() + ", gracefully (SIGTERM)");
		long fault = System.nanoTime();
		this.replicas.remove(leader);
		leader.sigterm();
		Event successor = handOver("a graceful stop", "at once", leader, fault, HAND_OVER_LIMIT);
		int status = leader.awaitExit(SOON);
		this.timeline.print(leader.name() + " has ended");
		checkRevoked("STOPPED", leader, fault, successor);
		this.promises.check(status == SIGTERM_STATUS, "a graceful stop ends the process", "status " + status);
	}

	private Replica leaderAfterBreath() {
		sleep(BREATH);
		return this.replicas.awaitLeader("some replica leads", SOON);
	}

	private Event handOver(String fault, String when, Replica former, long at, Duration limit) {
		String promise = "after %s, another replica leads %s".formatted(fault, when);
		Event successor = this.replicas.await(promise, limit,
				(event) -> event.is(Kind.GRANTED) && !event.replica().equals(former.name()) && event.at() > at);
		String took = milliseconds(successor.at() - at);
		this.timeline.print(successor.at(), "  handed over in " + took);
		this.promises.check(true, promise, took);
		return successor;
	}

	private void checkRevoked(String reason, Replica former, long fault, Event successor) {
		boolean told = this.replicas.events(Kind.REVOKED)
			.stream()
			.filter((event) -> event.replica().equals(former.name()) && event.signal().detail().equals(reason))
			.anyMatch((event) -> event.at() > fault && event.at() < successor.at());
		this.promises.check(told, "the listeners of the former leader were told first", told ? reason : "no event");
	}

	private void checkEndpoint() {
		String promise = "GET " + ENDPOINT + " names the leader, whichever replica is asked";
		await(promise, () -> {
			String leader = this.replicas.awaitLeader(promise, SOON).name();
			return this.replicas.running().stream().allMatch((replica) -> leader.equals(leaderBy(replica)));
		});
		String asked = this.replicas.running().size() + " replicas asked";
		this.timeline.print("GET " + ENDPOINT + " names the leader, " + asked);
		this.promises.check(true, promise, asked);
	}

	private static String leaderBy(Replica replica) {
		return JsonMapper.shared().readTree(replica.get(ENDPOINT)).at("/leader/candidateId").asString();
	}

	private void checkWork() {
		String promise = "the scheduled job works on the leader, with its fencing token";
		await(promise, () -> currentToken().equals(this.servers.query("select fencing_token from billing")));
		this.promises.check(true, promise,
				this.servers.query("select runs from billing") + " runs, the last with token " + currentToken());
	}

	private String currentToken() {
		List<Long> tokens = tokens();
		return String.valueOf(tokens.get(tokens.size() - 1));
	}

	private void checkTokens() {
		List<Long> tokens = tokens();
		boolean rise = tokens.equals(tokens.stream().distinct().sorted().toList());
		this.promises.check(rise, "each leader has a greater fencing token than all before",
				tokens.stream().map(String::valueOf).collect(Collectors.joining(", ")));
	}

	private List<Long> tokens() {
		return this.replicas.events(Kind.GRANTED)
			.stream()
			.sorted(Comparator.comparing(Event::at))
			.map((event) -> event.signal().token())
			.toList();
	}

	private void checkSamples() {
		Map<String, Long> samples = this.replicas.terms().samples();
		List<String> overlaps = this.replicas.terms().overlaps();
		boolean enough = NAMES.stream().allMatch((name) -> samples.getOrDefault(name, 0L) > FEW_SAMPLES);
		long sum = samples.values().stream().mapToLong(Long::longValue).sum();
		this.promises.check(enough && overlaps.isEmpty(), "never two leaders at once, as each replica samples it",
				overlaps.isEmpty() ? String.format(Locale.ROOT, "%,d times isLeader()", sum)
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
		return String.format(Locale.ROOT, "%,d ms", Math.round(nanos / (double) Duration.ofMillis(1).toNanos()));
	}

}
