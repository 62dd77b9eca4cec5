package io.election.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Some nodes, a store, and everything that can go wrong between them, in virtual time and
 * out of one random seed: the same seed is the same story. First come the faults, then
 * everything heals and candidates have to be as quick as promised.
 */
final class ElectionSimulation implements Environment {

	private static final long MOMENT = Setting.MOMENT;

	private final Agenda agenda = new Agenda();

	private final Dice dice;

	private final Setting setting;

	private final Rules rules;

	private final Chronicle chronicle;

	private final SimulatedStore store;

	private final SimulatedNetwork network;

	private final Faults faults;

	private final List<SimulatedNode> nodes = new ArrayList<>();

	private final Invariants invariants = new Invariants(this.nodes);

	private boolean hints = true;

	private long serverJump;

	ElectionSimulation(long seed, Rules rules, boolean tellStory) {
		this.dice = new Dice(seed);
		this.setting = new Setting(this.dice);
		this.rules = rules;
		this.chronicle = new Chronicle(this.agenda, tellStory);
		this.store = rules.store(this.agenda::now,
				() -> this.setting.serverClock.at(this.agenda.now()) + this.serverJump);
		this.network = new SimulatedNetwork(this.agenda, this.dice, this.setting, this.chronicle);
		this.faults = new Faults(this, this.dice, this.setting, this.chronicle, this.network);
		this.setting.describe(this.chronicle);
		for (Setting.Participant one : this.setting.participants) {
			this.nodes.add(new SimulatedNode(this, one.name(), one.candidateId(), this.setting.elections, one.timing(),
					one.clock(), one.firstToken()));
		}
	}

	/**
	 * Runs the story to its end.
	 * @throws RuntimeException if a promise was not kept
	 */
	void run() {
		long lease = this.setting.longestLease;
		for (SimulatedNode node : this.nodes) {
			this.agenda.at(this.dice.chance(0.5) ? 0 : this.dice.below(lease / 2), () -> start(node));
		}
		for (long i = this.dice.between(3, 15); i > 0; i--) {
			this.agenda.at(lease / 5 + this.dice.below(this.setting.healAt), this.faults::fault);
		}
		this.agenda.runUntil(this.setting.healAt);
		this.chronicle.tell(() -> "everything heals");
		this.faults.heal();
		expectLeaders(Happening.AFTER_FAULTS);
		for (int i = 0; i < 2; i++) {
			beUndisturbed();
			act(this.dice.oneOf(this.setting.elections));
			this.invariants.undisturbed.clear();
		}
	}

	/** The rows of the table that were seen. */
	Set<Transition> transitions() {
		return this.invariants.seen;
	}

	Chronicle chronicle() {
		return this.chronicle;
	}

	// What is promised once everything has healed

	private void act(String election) {
		SimulatedCandidate leader = leader(election);
		if (this.invariants.corrupted.contains(election)) {
			return;
		}
		Invariants.check(leader != null, "nobody leads %s any more", election);
		SimulatedNode node = leader.node;
		List<String> led = this.setting.elections.stream()
			.filter((name) -> leader(name) != null && leader(name).node == node)
			.toList();
		this.invariants.undisturbed.remove(node);
		switch ((int) this.dice.below(7)) {
			case 0 -> {
				this.chronicle.tell(() -> "crash of " + node);
				node.crash();
				led.forEach((name) -> expectSuccessor(name, node, Happening.AFTER_CRASH));
				start(node);
			}
			case 1 -> {
				this.network.cutOff(node);
				led.forEach((name) -> expectSuccessor(name, node, Happening.AFTER_PARTITION));
				this.network.reconnect(node);
			}
			case 2 -> {
				this.chronicle.tell(() -> "stop " + node);
				this.faults.restart(node);
				node.stop(Duration.ofNanos(this.setting.longestLease));
				led.forEach((name) -> expectLeader(name, this.agenda.now() + MOMENT, Happening.AFTER_STOP));
			}
			case 3 -> {
				leader.input(new Input.Resign(Duration.ofNanos(this.setting.longestLease)));
				expectLeader(election, this.agenda.now() + MOMENT, Happening.AFTER_RESIGN);
			}
			case 4 -> {
				this.hints = false;
				leader.input(new Input.Resign(Duration.ofNanos(this.setting.longestLease)));
				long by = this.agenda.now() + this.setting.longestRetry + MOMENT;
				expectLeader(election, by, Happening.AFTER_RESIGN_WITHOUT_HINTS);
				this.hints = true;
			}
			case 5 -> standAsideForNobody(election, leader);
			default -> {
				this.invariants.undisturbed.clear();
				this.network.beginOutage();
				this.agenda.runUntil(this.agenda.now() + this.dice.below(2 * this.setting.longestLease));
				this.network.endOutage();
				expectLeaders(Happening.AFTER_OUTAGE);
			}
		}
	}

	private void standAsideForNobody(String election, SimulatedCandidate leader) {
		List<SimulatedCandidate> others = this.nodes.stream()
			.filter((node) -> node != leader.node)
			.map((node) -> Invariants.candidate(node, election))
			.toList();
		others.forEach((candidate) -> candidate.input(new Input.Pause()));
		Duration aside = Duration.ofNanos(this.setting.longestRetry + this.dice.below(this.setting.longestLease));
		leader.input(new Input.Resign(aside));
		long over = this.agenda.now() + leader.node.clock.realTime(aside.toNanos());
		boolean early = this.agenda.runUntil(() -> leader(election) != null, over - MOMENT);
		Invariants.check(!early, "%s does not stand aside", leader);
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
		// What is under way may still be carried out
		this.agenda.runUntil(this.agenda.now() + Setting.DELAY);
		SimulatedStore.Cell cell = cell(election);
		LeaseRecord.Held held = (LeaseRecord.Held) cell.record;
		long wait = this.nodes.stream()
			.filter((node) -> node != gone)
			.mapToLong((node) -> patience(node, held))
			.min()
			.orElseThrow();
		boolean succeeded = this.agenda.runUntil(() -> {
			SimulatedCandidate leader = leader(election);
			return leader != null && leader.node != gone;
		}, cell.writtenAt + wait + MOMENT);
		Invariants.check(succeeded, "%s: nobody leads %s after %s", happening, election, gone);
		this.chronicle.add(happening);
	}

	/** How long after a write a candidate waits at most, in real time. */
	private static long patience(SimulatedNode node, LeaseRecord.Held held) {
		double rate = node.clock.rate();
		double backDating = held.leaseDuration().minus(held.renewDeadline()).toNanos() / 2.0;
		double lookPeriod = Math.min(node.timing.retryPeriod().toNanos(), backDating * 4 / 5);
		double age = lookPeriod / rate + 2 * Setting.DELAY;
		double late = Math.max(0, Math.max(age - Math.min(age, backDating) / rate, backDating - backDating / rate));
		return (long) (held.leaseDuration().toNanos() / rate + late);
	}

	/**
	 * Once nothing is wrong any more everybody finds out with the next try, which is due
	 * after a retry period or, where a request has just been lost, after two, and after
	 * four if nothing was said about that. Then there may be a lease to wait for.
	 */
	private void expectLeaders(Happening happening) {
		long tries = (this.setting.forgetfulness > 0) ? 4 : 2;
		long aware = this.agenda.now() + tries * this.setting.longestRetry * 11 / 10 + MOMENT;
		long by = aware + this.setting.longestLease;
		// A leader whose record was put back to an older write of its own cannot tell
		this.agenda.runUntil(this.invariants.overwritten.isEmpty() ? aware : by);
		this.setting.elections.forEach((election) -> expectLeader(election, by + MOMENT, happening));
	}

	private void expectLeader(String election, long by, Happening happening) {
		if (this.invariants.corrupted.contains(election)) {
			return;
		}
		boolean led = this.agenda.runUntil(() -> leader(election) != null, by);
		Invariants.check(led, "%s: nobody leads %s", happening, election);
		this.chronicle.add(happening);
	}

	/** Lets time pass in which no leader has a reason to change. */
	private void beUndisturbed() {
		long retry = this.setting.longestRetry;
		this.invariants.undisturbed.addAll(this.nodes);
		this.agenda.runUntil(this.agenda.now() + 4 * retry + this.dice.below(retry));
	}

	// For faults

	List<SimulatedNode> nodes() {
		return this.nodes;
	}

	void start(SimulatedNode node) {
		this.chronicle.tell(() -> "start " + node);
		node.start();
	}

	@Nullable SimulatedCandidate leader(String election) {
		for (SimulatedNode node : this.nodes) {
			SimulatedCandidate candidate = Invariants.candidate(node, election);
			if (candidate != null && node.isAwake() && candidate.isLeader()) {
				return candidate;
			}
		}
		return null;
	}

	boolean leads(SimulatedNode node) {
		return node.candidates().stream().anyMatch(SimulatedCandidate::isLeader);
	}

	void hint(SimulatedNode node, String election, LeaseRecord.@Nullable Vacant vacated) {
		node.tell(() -> {
			SimulatedCandidate candidate = Invariants.candidate(node, election);
			if (candidate != null) {
				candidate.input(new Input.Hint(vacated));
			}
		});
	}

	void serverJumps(long jump) {
		this.serverJump += jump;
	}

	SimulatedStore.Cell cell(String election) {
		return this.store.cell(election);
	}

	/** Nothing that is promised may suffer from it. */
	void touch(String election, LeaseRecord.Held held) {
		this.store.touch(cell(election), held);
	}

	/** From here on leaders may overlap. */
	void overwrite(String election, LeaseRecord record) {
		this.invariants.overwritten.add(election);
		this.store.write(cell(election), record);
	}

	/** The store forgets what it acknowledged; from here on not even tokens grow. */
	void lose(String election) {
		this.invariants.corrupted.add(election);
		this.store.forget(cell(election));
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
	public void carryRequest(SimulatedCandidate from, Request request, Runnable arrived, Runnable failed) {
		this.invariants.sent(from, request);
		this.network.carryRequest(from.node, request, arrived, failed);
	}

	@Override
	public Answer carryOut(SimulatedCandidate from, Request request) {
		if (request instanceof Request.Acquire && !healed() && this.dice.chance(this.setting.busyness)) {
			this.chronicle.add(Happening.BUSY);
			return new Answer.Busy();
		}
		SimulatedStore.Cell cell = cell(from.self.election());
		long writes = cell.writes;
		Answer answer = this.store.execute(from.self, from.node.timing, request);
		if (cell.writes > writes) {
			this.faults.carriedOut(from.node, request, cell.record);
			if (!(request instanceof Request.Renew)) {
				this.nodes.forEach((node) -> hintOfWrite(node, from.self.election(), cell.record));
			}
		}
		return answer;
	}

	private void hintOfWrite(SimulatedNode node, String election, LeaseRecord written) {
		boolean lost = !this.hints || (!healed() && this.dice.chance(0.5));
		this.chronicle.addIf(lost, Happening.HINT_LOST);
		if (!lost && this.network.reaches(node)) {
			LeaseRecord.Vacant vacated = (written instanceof LeaseRecord.Vacant vacant) ? vacant : null;
			this.agenda.after(this.dice.below(Setting.DELAY), () -> hint(node, election, vacated));
		}
	}

	@Override
	public void carryAnswer(SimulatedNode to, Runnable arrived) {
		this.network.carryAnswer(to, arrived);
	}

	@Override
	public long queueTime() {
		boolean waits = !healed() && this.dice.chance(this.setting.slowness / 10);
		return this.dice.below(waits ? this.setting.longestRetry : Setting.DELAY / 10);
	}

	@Override
	public boolean forgets() {
		boolean forgets = !healed() && this.dice.chance(this.setting.forgetfulness);
		this.chronicle.addIf(forgets, Happening.REQUEST_FORGOTTEN);
		return forgets;
	}

	@Override
	public long requestTimeout(Timing timing) {
		return timing.retryPeriod().toNanos() * 4 / 5;
	}

	@Override
	public boolean listenerFails() {
		boolean fails = !healed() && this.dice.chance(this.setting.slowListeners / 2);
		if (fails) {
			this.chronicle.add(Happening.FAILED_LISTENER);
		}
		return fails;
	}

	@Override
	public long listenerTime(SimulatedCandidate candidate, Effect event) {
		if (healed() || !this.dice.chance(this.setting.slowListeners)) {
			return this.dice.below(Setting.DELAY);
		}
		this.chronicle.add(Happening.SLOW_LISTENER);
		long end = this.agenda.now() + this.dice.below(2 * this.setting.longestLease);
		return Math.min(end, this.setting.healAt) - this.agenda.now();
	}

	@Override
	public void stepped(SimulatedCandidate candidate, @Nullable Standing from, @Nullable Input input, Step step) {
		this.chronicle.tell(() -> {
			Narrator narrator = new Narrator(candidate.node.clock.offset(), 6);
			return "%s of %s at %s: %s%n%16s%s%n%16s%s".formatted(candidate, candidate.self.election(),
					narrator.time(candidate.node.localTime()), (input != null) ? narrator.input(input) : "joins", "",
					narrator.standing(step.next()), "", narrator.effects(step.effects()));
		});
		this.invariants.stepped(candidate, from, input, step);
		this.chronicle.addIf(this.invariants.reportsOfLostWrites > 0, Happening.LOSS_REPORTED);
		this.faults.stepped(candidate, step);
	}

	@Override
	public void woke(SimulatedNode node) {
		this.chronicle.tell(() -> "process of " + node + " wakes");
		this.setting.elections.forEach(this.invariants::atMostOneLeader);
	}

	@Override
	public void dropped(SimulatedCandidate candidate, Request.Renew renew) {
		this.chronicle.add(Happening.RENEWAL_DROPPED);
	}

	@Override
	public void answeredLate(SimulatedCandidate candidate, Request request, Answer answer) {
		this.chronicle.add(Happening.ANSWERED_LATE);
	}

	private boolean healed() {
		return this.agenda.now() >= this.setting.healAt;
	}

}
