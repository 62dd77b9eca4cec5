package io.election.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Some nodes, a store, and everything that can go wrong between them, in virtual time and
 * out of one random seed: the same seed is the same story. First come the faults, then
 * everything heals and candidates have to be as quick as promised.
 */
final class ElectionSimulation implements Environment {

	private static final long MILLI = 1_000_000;

	private static final long SECOND = 1000 * MILLI;

	/** How long a message is under way at most while nothing is wrong. */
	private static final long DELAY = MILLI / 2;

	/** What a few messages, a queue and short listeners take while nothing is wrong. */
	private static final long MOMENT = 20 * MILLI;

	final Set<Happening> happened = EnumSet.noneOf(Happening.class);

	private final SplittableRandom random;

	private final Agenda agenda = new Agenda();

	private final Rules rules;

	private final @Nullable StringBuilder story;

	private final List<String> elections = new ArrayList<>();

	private final List<SimulatedNode> nodes = new ArrayList<>();

	private final Invariants invariants = new Invariants(this.nodes);

	private final SimulatedStore store;

	private final Map<SimulatedNode, List<Runnable>> partitioned = new HashMap<>();

	private final Set<SimulatedNode> restarting = new HashSet<>();

	private final Map<SimulatedNode, Consumer<SimulatedCandidate>> whenClaiming = new HashMap<>();

	private final List<LeaseRecord> written = new ArrayList<>();

	private @Nullable List<Runnable> outage;

	/** Which part of the requests fail at once during an outage. */
	private double refusing;

	/** When faults end. */
	private final long healAt;

	private final long longestLease;

	private final long longestRetry;

	private boolean hints = true;

	private long serverJump;

	private final double loss;

	private final double duplication;

	private final double slowness;

	private final double busyness;

	private final double slowListeners;

	ElectionSimulation(long seed, Rules rules, boolean tellStory) {
		this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L);
		this.rules = rules;
		this.story = tellStory ? new StringBuilder() : null;
		long drift = this.random.nextLong(-200, 200);
		LocalClock clock = new LocalClock(0, drift);
		this.store = rules.store(this.agenda::now, () -> clock.at(this.agenda.now()) + this.serverJump);
		this.loss = oneOf(0, 0, 0.02, 0.1, 0.3);
		this.duplication = oneOf(0, 0, 0.05, 0.2);
		this.slowness = oneOf(0, 0, 0.02, 0.1, 0.3);
		this.busyness = oneOf(0, 0, 0.1);
		this.slowListeners = oneOf(0, 0, 0.1, 0.5);
		settle();
		long lease = 0;
		long retry = 0;
		for (SimulatedNode node : this.nodes) {
			lease = Math.max(lease, node.clock.realTime(node.timing.leaseDuration().toNanos()));
			retry = Math.max(retry, node.clock.realTime(node.timing.retryPeriod().toNanos()));
		}
		this.longestLease = lease;
		this.longestRetry = retry;
		this.healAt = 5 * lease;
	}

	/**
	 * Runs the story to its end.
	 * @throws RuntimeException if a promise was not kept
	 */
	void run() {
		for (SimulatedNode node : this.nodes) {
			this.agenda.at(chance(0.5) ? 0 : below(this.longestLease / 2), () -> start(node));
		}
		int faults = 3 + this.random.nextInt(12);
		for (int i = 0; i < faults; i++) {
			this.agenda.at(this.longestLease / 5 + below(this.healAt), this::fault);
		}
		this.agenda.runUntil(this.healAt);
		heal();
		expectLeaders(Happening.AFTER_FAULTS);
		for (int i = 0; i < 2; i++) {
			beUndisturbed(4 * this.longestRetry + below(this.longestRetry));
			act();
			this.invariants.undisturbed.clear();
		}
	}

	Set<Transition> transitions() {
		return this.invariants.seen;
	}

	@Nullable String story() {
		return (this.story != null) ? this.story.toString() : null;
	}

	// The setting

	private void settle() {
		int elections = 1 + ((this.random.nextInt(10) < 7) ? 0 : 1 + this.random.nextInt(2));
		for (int i = 0; i < elections; i++) {
			this.elections.add("election-" + i);
		}
		happens(Happening.SEVERAL_ELECTIONS, elections > 1);
		List<Timing> timings = new ArrayList<>(List.of(timing()));
		if (chance(0.4)) {
			timings.add(timing());
			this.happened.add(Happening.DIFFERENT_TIMINGS);
		}
		double ratio = timings.stream().mapToDouble(ElectionSimulation::tolerableRatio).min().orElseThrow();
		boolean sharedId = chance(0.15);
		happens(Happening.SHARED_CANDIDATE_ID, sharedId);
		boolean drift = chance(0.7);
		happens(Happening.DRIFTING_CLOCKS, drift);
		int size = oneOf(3, 3, 3, 4, 5, 7);
		for (int i = 0; i < size; i++) {
			this.nodes.add(new SimulatedNode(this, "n" + i, (sharedId && i < 2) ? "twin" : "node-" + i, this.elections,
					timings.get(this.random.nextInt(timings.size())), drift ? clock(ratio) : clock(1)));
		}
		tell(() -> "loss %s duplication %s slowness %s busyness %s slow listeners %s".formatted(this.loss,
				this.duplication, this.slowness, this.busyness, this.slowListeners));
		this.nodes.forEach((node) -> tell(() -> node + " " + node.candidateId + " " + node.timing + " " + node.clock));
	}

	private Timing timing() {
		long retry = 100 + this.random.nextInt(1900);
		long deadline = retry * 6 / 5 + 1 + this.random.nextLong(retry * 5);
		long lease = deadline + retry + (chance(0.5) ? 0 : this.random.nextLong(retry * 3));
		return new Timing(Duration.ofMillis(Math.max(1000, lease)), Duration.ofMillis(deadline),
				Duration.ofMillis(retry));
	}

	/** By how much the rates of two clocks may differ: the assumption of S1. */
	private static double tolerableRatio(Timing timing) {
		double deadline = timing.renewDeadline().toNanos();
		return (timing.leaseDuration().toNanos() + deadline) / (2 * deadline);
	}

	/** A clock whose rate is between 1 / sqrt(ratio) and sqrt(ratio), often at an end. */
	private LocalClock clock(double ratio) {
		double exponent = chance(0.5) ? (chance(0.5) ? 0.5 : -0.5) : this.random.nextDouble() - 0.5;
		long drift = (long) ((Math.pow(ratio, exponent * 0.999) - 1) * 1_000_000);
		return new LocalClock(this.random.nextLong(-SECOND * 1000, SECOND * 1000), drift);
	}

	private void start(SimulatedNode node) {
		tell(() -> "start " + node);
		node.start();
	}

	// Faults

	private void fault() {
		if (this.agenda.now() >= this.healAt) {
			return;
		}
		SimulatedNode node = someNode();
		SimulatedCandidate leader = leader(someElection());
		boolean leads = leader != null && leader.node == node;
		long duration = chance(0.7) ? below(this.longestLease * 5 / 2) : below(this.longestRetry * 2);
		switch (this.random.nextInt(20)) {
			case 0, 1, 2 -> partition(node, duration);
			case 3, 4 -> outage(duration / 2);
			case 5, 6, 7 -> pauseProcess(node, leads, duration);
			case 8, 9 -> crash(node, leads, duration);
			case 10, 11 -> stop(node, leads, duration);
			case 12 -> input(node, Happening.RESIGN, new Input.Resign(Duration.ofNanos(duration)));
			case 13 -> {
				input(node, Happening.PAUSE, new Input.Pause());
				until(duration, () -> input(node, Happening.RESUME, new Input.Resume()));
			}
			case 14 -> this.whenClaiming.put(node, this::stopWhileClaiming);
			case 15 -> this.whenClaiming.put(node,
					chance(0.5) ? this::pauseWhileClaiming : (candidate) -> pauseProcess(node, false, duration));
			case 16 -> serverClockJump();
			case 17 -> {
				this.happened.add(Happening.HINT_SPURIOUS);
				tell(() -> "spurious hints");
				for (int i = this.random.nextInt(10); i > 0; i--) {
					this.agenda.after(below(this.longestRetry), () -> hint(someNode(), someElection()));
				}
			}
			case 18 -> delete(someElection());
			default -> overwriteOrLose(someElection());
		}
	}

	private void partition(SimulatedNode node, long duration) {
		if (this.partitioned.containsKey(node)) {
			return;
		}
		this.happened.add(Happening.PARTITION);
		tell(() -> "partition " + node);
		this.partitioned.put(node, new ArrayList<>());
		until(duration, () -> reconnect(node));
	}

	private void reconnect(SimulatedNode node) {
		List<Runnable> late = this.partitioned.remove(node);
		if (late != null) {
			tell(() -> "reconnect " + node);
			happens(Happening.LATE_AFTER_PARTITION, !late.isEmpty());
			late.forEach((message) -> this.agenda.after(below(DELAY), message));
		}
	}

	private void outage(long duration) {
		if (this.outage == null) {
			this.happened.add(Happening.OUTAGE);
			beginOutage();
			until(duration, this::endOutage);
		}
	}

	private void beginOutage() {
		this.outage = new ArrayList<>();
		this.refusing = oneOf(0, 0.5, 1);
		tell(() -> "outage, in which %s fail at once".formatted(this.refusing));
	}

	private void endOutage() {
		List<Runnable> late = this.outage;
		if (late != null) {
			tell(() -> "outage ends");
			this.outage = null;
			happens(Happening.LATE_AFTER_OUTAGE, !late.isEmpty());
			late.forEach((message) -> this.agenda.after(below(DELAY), message));
		}
	}

	private void pauseProcess(SimulatedNode node, boolean leads, long duration) {
		if (node.isAwake()) {
			this.happened.add(leads ? Happening.PROCESS_PAUSE_OF_LEADER : Happening.PROCESS_PAUSE);
			tell(() -> "process of " + node + " is paused");
			node.pause();
			until(duration, node::wake);
		}
	}

	private void crash(SimulatedNode node, boolean leads, long duration) {
		if (node.isUp()) {
			this.happened.add(leads ? Happening.CRASH_OF_LEADER : Happening.CRASH);
			tell(() -> "crash of " + node);
			node.crash();
			until(duration, () -> restart(node));
		}
	}

	private void stop(SimulatedNode node, boolean leads, long duration) {
		if (node.isUp()) {
			this.happened.add(leads ? Happening.STOP_OF_LEADER : Happening.STOP);
			tell(() -> "stop " + node);
			node.stop(Duration.ofNanos(below(this.longestLease)));
			until(duration, () -> restart(node));
		}
	}

	/** Starts a node again that has crashed or as soon as it has stopped. */
	private void restart(SimulatedNode node) {
		if (node.isUp()) {
			this.restarting.add(node);
		}
		else {
			this.happened.add(Happening.RESTART);
			start(node);
		}
	}

	private void serverClockJump() {
		this.happened.add(Happening.SERVER_CLOCK_JUMP);
		long jump = this.random.nextLong(-2 * this.longestLease, 2 * this.longestLease);
		tell(() -> "clock of the server jumps by " + jump);
		this.serverJump += jump;
	}

	private void delete(String election) {
		SimulatedStore.Cell cell = this.store.cell(election);
		if (cell.record != null) {
			this.happened.add(Happening.RECORD_DELETED);
			tell(() -> "record of " + election + " is deleted");
			cell.record = null;
		}
	}

	private void overwriteOrLose(String election) {
		if (chance(0.3)) {
			this.happened.add(Happening.WRITES_LOST);
			this.invariants.corrupted.add(election);
			SimulatedStore.Cell cell = this.store.cell(election);
			tell(() -> "writes to " + election + " are lost");
			cell.record = null;
			cell.fenceTerm = 0;
			cell.makesTokens = true;
		}
		else if (chance(0.4) && !this.written.isEmpty()) {
			this.happened.add(Happening.RECORD_OVERWRITTEN);
			this.invariants.overwritten.add(election);
			LeaseRecord record = tampered(election, this.written.get(this.random.nextInt(this.written.size())));
			tell(() -> "record of " + election + " is overwritten with " + record);
			this.store.write(this.store.cell(election), record);
		}
	}

	/** An older record, or one that no store has ever written. */
	private LeaseRecord tampered(String election, LeaseRecord older) {
		if (!(older instanceof LeaseRecord.Held held) || chance(0.5)) {
			return older;
		}
		String nonce = chance(0.5) ? held.lease().nonce() : someNode() + "#1";
		Lease lease = new Lease(election, nonce, this.random.nextLong(1 + held.term() * 2), this.random.nextLong(100));
		Duration[] numbers = { held.leaseDuration(), Duration.ZERO, Duration.ofDays(-1), Duration.ofMillis(20),
				Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE) };
		return new LeaseRecord.Held(lease, "tampered", Map.of(), 0, numbers[this.random.nextInt(4)],
				numbers[this.random.nextInt(numbers.length)], Duration.ZERO);
	}

	private void input(SimulatedNode node, Happening happening, Input input) {
		if (node.isUp()) {
			this.happened.add(happening);
			tell(() -> input + " for " + node);
			node.tell(() -> List.copyOf(node.candidates()).forEach((candidate) -> candidate.input(input)));
		}
	}

	private void until(long duration, Runnable end) {
		this.agenda.at(Math.min(this.agenda.now() + duration, this.healAt), end);
	}

	private void heal() {
		tell(() -> "everything heals");
		for (SimulatedNode node : this.nodes) {
			reconnect(node);
			node.wake();
		}
		endOutage();
		this.whenClaiming.clear();
		for (SimulatedNode node : this.nodes) {
			if (!node.isUp()) {
				start(node);
			}
			for (SimulatedCandidate candidate : List.copyOf(node.candidates())) {
				Goal.Kind goal = candidate.standing().goal().kind();
				if (goal == Goal.Kind.STOP) {
					this.restarting.add(node);
				}
				else if (goal != Goal.Kind.COMPETE) {
					// Out of standing aside as well
					candidate.input(new Input.Pause());
					candidate.input(new Input.Resume());
				}
			}
		}
	}

	// What is promised once everything has healed

	private void act() {
		String election = someElection();
		if (this.invariants.corrupted.contains(election)) {
			return;
		}
		SimulatedCandidate leader = leader(election);
		Invariants.check(leader != null, "nobody leads %s any more", election);
		SimulatedNode node = leader.node;
		List<String> led = this.elections.stream().filter((name) -> leads(node, name)).toList();
		this.invariants.undisturbed.remove(node);
		switch (this.random.nextInt(7)) {
			case 0 -> {
				tell(() -> "crash of " + node);
				node.crash();
				led.forEach((name) -> expectSuccessor(name, node, Happening.AFTER_CRASH));
				start(node);
			}
			case 1 -> {
				tell(() -> "partition " + node);
				this.partitioned.put(node, new ArrayList<>());
				led.forEach((name) -> expectSuccessor(name, node, Happening.AFTER_PARTITION));
				reconnect(node);
			}
			case 2 -> {
				tell(() -> "stop " + node);
				this.restarting.add(node);
				node.stop(Duration.ofNanos(this.longestLease));
				led.forEach((name) -> expectLeader(name, this.agenda.now() + MOMENT, Happening.AFTER_STOP));
			}
			case 3 -> {
				tell(() -> "resign " + node);
				leader.input(new Input.Resign(Duration.ofNanos(this.longestLease)));
				expectLeader(election, this.agenda.now() + MOMENT, Happening.AFTER_RESIGN);
			}
			case 4 -> {
				tell(() -> "resign without hints " + node);
				this.hints = false;
				leader.input(new Input.Resign(Duration.ofNanos(this.longestLease)));
				expectLeader(election, this.agenda.now() + this.longestRetry + MOMENT,
						Happening.AFTER_RESIGN_WITHOUT_HINTS);
				this.hints = true;
			}
			case 5 -> standAsideForNobody(election, leader);
			default -> {
				this.invariants.undisturbed.clear();
				beginOutage();
				this.agenda.runUntil(this.agenda.now() + below(2 * this.longestLease));
				endOutage();
				expectLeaders(Happening.AFTER_OUTAGE);
			}
		}
	}

	private void standAsideForNobody(String election, SimulatedCandidate leader) {
		tell(() -> "all but " + leader.self.nonce() + " pause");
		List<SimulatedCandidate> others = this.nodes.stream()
			.filter((node) -> node != leader.node)
			.map((node) -> Invariants.candidate(node, election))
			.toList();
		others.forEach((candidate) -> candidate.input(new Input.Pause()));
		Duration aside = Duration.ofNanos(this.longestRetry + below(this.longestLease));
		leader.input(new Input.Resign(aside));
		long over = this.agenda.now() + leader.node.clock.realTime(aside.toNanos());
		boolean early = this.agenda.runUntil(() -> leader(election) != null, over - MOMENT);
		Invariants.check(!early, "%s does not stand aside", leader.self.nonce());
		expectLeader(election, over + MOMENT, Happening.NOBODY_CAME);
		others.forEach((candidate) -> candidate.input(new Input.Resume()));
	}

	/**
	 * A leader that can no longer renew is succeeded when the lease of its last write has
	 * run out, on the clock of the fastest candidate, who may have seen that write late.
	 */
	private void expectSuccessor(String election, SimulatedNode gone, Happening happening) {
		if (this.invariants.corrupted.contains(election)) {
			return;
		}
		this.agenda.runUntil(this.agenda.now() + DELAY);
		SimulatedStore.Cell cell = this.store.cell(election);
		if (!(cell.record instanceof LeaseRecord.Held held)) {
			throw new Violation("nobody holds " + election);
		}
		double margin = held.leaseDuration().minus(held.renewDeadline()).toNanos() / 2.0;
		long wait = this.nodes.stream().filter((node) -> node != gone).mapToLong((node) -> {
			double rate = node.clock.rate();
			double age = node.clock.realTime(Math.min(node.timing.retryPeriod().toNanos(), (long) (margin * 4 / 5)))
					+ 2 * DELAY;
			double late = Math.max(0, Math.max(age - Math.min(age, margin) / rate, margin - margin / rate));
			return (long) (held.leaseDuration().toNanos() / rate + late);
		}).min().orElseThrow();
		boolean succeeded = this.agenda.runUntil(() -> {
			SimulatedCandidate leader = leader(election);
			return leader != null && leader.node != gone;
		}, cell.writtenAt + wait + MOMENT);
		Invariants.check(succeeded, "%s: nobody leads %s after %s", happening, election, gone);
		this.happened.add(happening);
	}

	/**
	 * Once nothing is wrong any more everybody finds out with the next try, which is due
	 * after a retry period or, where a request has just been lost, after two. Then there
	 * may be a lease to wait for.
	 */
	private void expectLeaders(Happening happening) {
		long aware = this.agenda.now() + this.longestRetry * 11 / 5 + MOMENT;
		long by = aware + this.longestLease;
		// A leader whose record was put back to an older write of its own cannot tell
		this.agenda.runUntil(this.invariants.overwritten.isEmpty() ? aware : by);
		this.elections.forEach((election) -> expectLeader(election, by + MOMENT, happening));
	}

	private void expectLeader(String election, long by, Happening happening) {
		if (this.invariants.corrupted.contains(election)) {
			return;
		}
		boolean led = this.agenda.runUntil(() -> leader(election) != null, by);
		Invariants.check(led, "%s: nobody leads %s", happening, election);
		this.happened.add(happening);
	}

	/** Lets time pass in which no leader has a reason to change. */
	private void beUndisturbed(long duration) {
		this.invariants.undisturbed.addAll(this.nodes);
		this.agenda.runUntil(this.agenda.now() + duration);
	}

	private @Nullable SimulatedCandidate leader(String election) {
		for (SimulatedNode node : this.nodes) {
			SimulatedCandidate candidate = Invariants.candidate(node, election);
			if (candidate != null && node.isAwake() && candidate.isLeader()) {
				return candidate;
			}
		}
		return null;
	}

	private boolean leads(SimulatedNode node, String election) {
		SimulatedCandidate candidate = Invariants.candidate(node, election);
		return candidate != null && candidate.isLeader();
	}

	private boolean healed() {
		return this.agenda.now() >= this.healAt;
	}

	// Environment

	@Override
	public Agenda agenda() {
		return this.agenda;
	}

	@Override
	public Rules rules() {
		return this.rules;
	}

	@Override
	public void carryRequest(SimulatedNode from, Runnable arrived, Runnable failed) {
		carry(from, Happening.REQUEST_LOST, () -> arriveAtStore(from, arrived, failed));
	}

	private void arriveAtStore(SimulatedNode from, Runnable arrived, Runnable failed) {
		if (this.outage == null) {
			arrived.run();
			return;
		}
		double outcome = this.random.nextDouble();
		if (outcome < this.refusing) {
			this.happened.add(Happening.FAILED_AT_ONCE);
			this.agenda.after(below(DELAY), failed);
		}
		else if (chance(0.5)) {
			this.outage.add(arrived);
		}
	}

	@Override
	public Answer carryOut(SimulatedCandidate from, Request request) {
		if (request instanceof Request.Acquire && !healed() && chance(this.busyness)) {
			this.happened.add(Happening.BUSY);
			return new Answer.Busy();
		}
		SimulatedStore.Cell cell = this.store.cell(from.self.election());
		long writes = cell.writes;
		Answer answer = this.store.execute(from.self, from.node.timing, request);
		if (cell.writes > writes && !(request instanceof Request.Renew)) {
			this.written.add(cell.record);
			for (SimulatedNode node : this.nodes) {
				boolean lost = !this.hints || (!healed() && chance(0.5));
				happens(Happening.HINT_LOST, lost);
				if (!lost && !this.partitioned.containsKey(node)) {
					this.agenda.after(below(DELAY), () -> hint(node, from.self.election()));
				}
			}
		}
		return answer;
	}

	@Override
	public void carryAnswer(SimulatedNode to, Runnable arrived) {
		carry(to, Happening.ANSWER_LOST, arrived);
	}

	private void carry(SimulatedNode node, Happening lost, Runnable message) {
		int copies = 1;
		if (!healed()) {
			copies = chance(this.loss) ? 0 : chance(this.duplication) ? 2 : 1;
			happens(lost, copies == 0);
			happens(Happening.DUPLICATED, copies == 2);
		}
		for (int i = 0; i < copies; i++) {
			boolean slow = !healed() && chance(this.slowness);
			happens(Happening.SLOW, slow);
			long delay = 1 + (slow ? below(chance(0.5) ? this.longestRetry : 2 * this.longestLease) : below(DELAY));
			long arrival = this.agenda.now() + delay;
			if (!healed() && arrival > this.healAt) {
				arrival = this.healAt + below(DELAY);
			}
			boolean lostInPartition = chance(0.5);
			this.agenda.at(arrival, () -> {
				List<Runnable> late = this.partitioned.get(node);
				if (late == null) {
					message.run();
				}
				else if (!lostInPartition) {
					late.add(message);
				}
			});
		}
	}

	@Override
	public long queueTime() {
		return (!healed() && chance(this.slowness / 10)) ? below(this.longestRetry) : below(DELAY / 10);
	}

	@Override
	public long requestTimeout(Timing timing) {
		return timing.retryPeriod().toNanos() * 4 / 5;
	}

	@Override
	public long listenerTime(SimulatedCandidate candidate, Effect event) {
		if (healed() || !chance(this.slowListeners)) {
			return below(DELAY);
		}
		this.happened.add(Happening.SLOW_LISTENER);
		long end = Math.min(this.agenda.now() + below(2 * this.longestLease), this.healAt + below(DELAY));
		return Math.max(0, end - this.agenda.now());
	}

	@Override
	public void stepped(SimulatedCandidate candidate, @Nullable Standing from, @Nullable Input input, Step step) {
		tell(() -> {
			Narrator narrator = new Narrator(candidate.node.clock.offset(), 6);
			return "%s of %s at %.6f %s%n%16s%s%n%16s%s".formatted(candidate.self.nonce(), candidate.self.election(),
					(candidate.node.localTime() - narrator.origin()) / (double) SECOND,
					(input != null) ? narrator.input(input) : "joins", "", narrator.standing(step.next()), "",
					narrator.effects(step.effects()));
		});
		this.invariants.stepped(candidate, from, input, step);
		if (step.next() instanceof Claiming && !(from instanceof Claiming)) {
			Consumer<SimulatedCandidate> interruption = this.whenClaiming.remove(candidate.node);
			if (interruption != null) {
				this.agenda.after(below(2 * DELAY), () -> candidate.node.tell(() -> {
					if (!healed()) {
						interruption.accept(candidate);
					}
				}));
			}
		}
		if (step.next() instanceof Stopped) {
			this.agenda.after(0, () -> {
				if (!candidate.node.isUp() && this.restarting.remove(candidate.node)) {
					restart(candidate.node);
				}
			});
		}
	}

	private void stopWhileClaiming(SimulatedCandidate candidate) {
		happens(Happening.STOP_WHILE_CLAIMING, candidate.standing() instanceof Claiming);
		candidate.input(new Input.Stop(Duration.ofNanos(below(this.longestRetry))));
		// The other candidates of its process follow, then it is started again
		until(below(this.longestLease), () -> candidate.node.stop(Duration.ZERO));
		until(below(this.longestLease), () -> restart(candidate.node));
	}

	private void pauseWhileClaiming(SimulatedCandidate candidate) {
		happens(Happening.PAUSE_WHILE_CLAIMING, candidate.standing() instanceof Claiming);
		candidate.input(new Input.Pause());
		until(below(this.longestLease), () -> candidate.input(new Input.Resume()));
	}

	@Override
	public void woke(SimulatedNode node) {
		tell(() -> "process of " + node + " wakes");
		this.elections.forEach(this.invariants::atMostOneLeader);
	}

	@Override
	public void dropped(SimulatedCandidate candidate, Request.Renew renew) {
		this.happened.add(Happening.RENEWAL_DROPPED);
	}

	@Override
	public void answeredLate(SimulatedCandidate candidate, Request request, Answer answer) {
		this.happened.add(Happening.ANSWERED_LATE);
	}

	private void hint(SimulatedNode node, String election) {
		node.tell(() -> {
			SimulatedCandidate candidate = Invariants.candidate(node, election);
			if (candidate != null) {
				candidate.input(new Input.Hint());
			}
		});
	}

	// Randomness

	private SimulatedNode someNode() {
		SimulatedCandidate leader = chance(0.6) ? leader(someElection()) : null;
		return (leader != null) ? leader.node : this.nodes.get(this.random.nextInt(this.nodes.size()));
	}

	private String someElection() {
		return this.elections.get(this.random.nextInt(this.elections.size()));
	}

	private boolean chance(double probability) {
		return this.random.nextDouble() < probability;
	}

	private long below(long bound) {
		return this.random.nextLong(bound);
	}

	private double oneOf(double... values) {
		return values[this.random.nextInt(values.length)];
	}

	private int oneOf(int... values) {
		return values[this.random.nextInt(values.length)];
	}

	private void happens(Happening happening, boolean really) {
		if (really) {
			this.happened.add(happening);
		}
	}

	private void tell(Supplier<String> line) {
		if (this.story != null) {
			this.story.append(String.format("%12.6f  %s%n", this.agenda.now() / (double) SECOND, line.get()));
		}
	}

}
