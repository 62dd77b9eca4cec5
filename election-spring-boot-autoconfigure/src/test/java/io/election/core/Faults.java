package io.election.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Lets things go wrong, until everything heals.
 */
final class Faults {

	private final ElectionSimulation simulation;

	private final Agenda agenda;

	private final Dice dice;

	private final Setting setting;

	private final Chronicle chronicle;

	private final SimulatedNetwork network;

	private final Set<SimulatedNode> restarting = new HashSet<>();

	private final Map<SimulatedNode, Consumer<SimulatedCandidate>> whenClaiming = new HashMap<>();

	private final Set<SimulatedNode> whenRenewing = new HashSet<>();

	private final List<LeaseRecord> written = new ArrayList<>();

	Faults(ElectionSimulation simulation, Dice dice, Setting setting, Chronicle chronicle, SimulatedNetwork network) {
		this.simulation = simulation;
		this.agenda = simulation.agenda();
		this.dice = dice;
		this.setting = setting;
		this.chronicle = chronicle;
		this.network = network;
	}

	/** One of them, at random, and often where it hurts. */
	void fault() {
		if (!isTime()) {
			return;
		}
		SimulatedNode node = someNode();
		long duration = 1 + this.dice
			.below(this.dice.chance(0.7) ? this.setting.longestLease * 5 / 2 : this.setting.longestRetry * 2);
		switch ((int) this.dice.below(22)) {
			case 0, 1 -> partition(node, duration, false);
			case 2 -> this.whenRenewing.add(node);
			case 3 -> outage(duration);
			case 4 -> readOnly(duration);
			case 5, 6, 7 -> pauseProcess(node, duration);
			case 8, 9 -> crash(node, duration);
			case 10, 11 -> stop(node, duration);
			case 12 -> input(node, Happening.RESIGN, new Input.Resign(Duration.ofNanos(duration)));
			case 13 -> {
				input(node, Happening.PAUSE, new Input.Pause());
				until(duration, () -> input(node, Happening.RESUME, new Input.Resume()));
			}
			case 14 -> this.whenClaiming.put(node, this::stopWhileClaiming);
			case 15 -> this.whenClaiming.put(node, this::pauseWhileClaiming);
			case 16 -> this.whenClaiming.put(node, (candidate) -> pauseProcess(node, duration));
			case 17 -> jumpOrHint();
			case 18 -> delete(someElection());
			case 19, 20 -> touch(someElection());
			default -> overwriteOrLose(someElection());
		}
	}

	/** Ends everything that a fault has begun and that does not end by itself. */
	void heal() {
		this.whenClaiming.clear();
		this.whenRenewing.clear();
		this.network.failNoMore();
		this.network.endOutage();
		for (SimulatedNode node : this.simulation.nodes()) {
			this.network.reconnect(node);
			node.wake();
			if (!node.isUp()) {
				this.simulation.start(node);
			}
			List.copyOf(node.candidates()).forEach(this::compete);
		}
	}

	private void compete(SimulatedCandidate candidate) {
		Goal.Kind goal = candidate.standing().goal().kind();
		if (goal == Goal.Kind.STOP) {
			restart(candidate.node);
		}
		else if (goal != Goal.Kind.COMPETE) {
			// Out of standing aside as well
			candidate.input(new Input.Pause());
			candidate.input(new Input.Resume());
		}
	}

	// Network and store

	/**
	 * Cuts a node off from the store.
	 * @param answersFirst whether it is sure, not just possible, that answers arrive
	 * again before requests do: the old trap of a lease that was renewed long ago
	 */
	private void partition(SimulatedNode node, long duration, boolean answersFirst) {
		if (!this.network.reaches(node)) {
			return;
		}
		this.chronicle.add(Happening.PARTITION);
		this.network.cutOff(node);
		if (answersFirst || this.dice.chance(0.5)) {
			this.chronicle.add(Happening.PARTITION_ONE_WAY);
			boolean answers = answersFirst || this.dice.chance(0.5);
			until(this.dice.below(duration), () -> {
				if (answers) {
					this.network.reconnectAnswers(node);
				}
				else {
					this.network.reconnectRequests(node);
				}
			});
		}
		until(duration, () -> this.network.reconnect(node));
	}

	private void outage(long duration) {
		if (!this.network.isOut()) {
			this.chronicle.add(Happening.OUTAGE);
			this.network.beginOutage();
			until(duration, this.network::endOutage);
		}
	}

	private void readOnly(long duration) {
		this.chronicle.add(Happening.READ_ONLY);
		this.network.setReadOnly(true);
		until(duration, () -> this.network.setReadOnly(false));
	}

	private void jumpOrHint() {
		if (this.dice.chance(0.5)) {
			long jump = this.dice.between(-2 * this.setting.longestLease, 2 * this.setting.longestLease);
			this.chronicle.tell(Happening.SERVER_CLOCK_JUMP, () -> "clock of the server jumps by " + jump);
			this.simulation.serverJumps(jump);
			return;
		}
		this.chronicle.tell(Happening.HINT_SPURIOUS, () -> "spurious hints");
		for (long i = this.dice.below(10); i > 0; i--) {
			this.agenda.after(this.dice.below(this.setting.longestRetry), this::hint);
		}
	}

	/** Perhaps of what was true long ago. */
	private void hint() {
		LeaseRecord record = this.written.isEmpty() ? null : this.dice.oneOf(this.written);
		this.simulation.hint(someNode(), someElection(), (record instanceof LeaseRecord.Vacant vacant) ? vacant : null);
	}

	// Processes

	private void pauseProcess(SimulatedNode node, long duration) {
		if (node.isAwake()) {
			boolean leads = this.simulation.leads(node);
			this.chronicle.tell(leads ? Happening.PROCESS_PAUSE_OF_LEADER : Happening.PROCESS_PAUSE,
					() -> "process of " + node + " is paused");
			node.pause();
			until(duration, node::wake);
		}
	}

	private void crash(SimulatedNode node, long duration) {
		if (node.isUp()) {
			boolean leads = this.simulation.leads(node);
			this.chronicle.tell(leads ? Happening.CRASH_OF_LEADER : Happening.CRASH, () -> "crash of " + node);
			node.crash();
			until(duration, () -> restart(node));
		}
	}

	private void stop(SimulatedNode node, long duration) {
		if (node.isUp()) {
			boolean leads = this.simulation.leads(node);
			this.chronicle.tell(leads ? Happening.STOP_OF_LEADER : Happening.STOP, () -> "stop " + node);
			node.stop(Duration.ofNanos(this.dice.below(this.setting.longestLease)));
			until(duration, () -> restart(node));
		}
	}

	/** Starts a node again that has crashed or as soon as it has stopped. */
	void restart(SimulatedNode node) {
		if (node.isUp()) {
			this.restarting.add(node);
		}
		else {
			this.chronicle.add(Happening.RESTART);
			this.simulation.start(node);
		}
	}

	/** To be told of every step. */
	void stepped(SimulatedCandidate candidate, Step step) {
		if (step.next() instanceof Claiming) {
			Consumer<SimulatedCandidate> interruption = this.whenClaiming.remove(candidate.node);
			if (interruption != null) {
				this.agenda.after(this.dice.below(2 * Setting.DELAY),
						() -> candidate.node.tell(() -> interrupt(candidate, interruption)));
			}
		}
		else if (step.next() instanceof Stopped) {
			this.agenda.after(0, () -> {
				if (!candidate.node.isUp() && this.restarting.remove(candidate.node)) {
					restart(candidate.node);
				}
			});
		}
	}

	private void interrupt(SimulatedCandidate candidate, Consumer<SimulatedCandidate> interruption) {
		if (isTime()) {
			interruption.accept(candidate);
		}
	}

	private void stopWhileClaiming(SimulatedCandidate candidate) {
		this.chronicle.addIf(candidate.standing() instanceof Claiming, Happening.STOP_WHILE_CLAIMING);
		candidate.input(new Input.Stop(Duration.ofNanos(this.dice.below(this.setting.longestRetry))));
		// The other candidates of its process follow, then it is started again
		until(this.dice.below(this.setting.longestLease), () -> candidate.node.stop(Duration.ZERO));
		until(this.dice.below(this.setting.longestLease), () -> restart(candidate.node));
	}

	private void pauseWhileClaiming(SimulatedCandidate candidate) {
		this.chronicle.addIf(candidate.standing() instanceof Claiming, Happening.PAUSE_WHILE_CLAIMING);
		candidate.input(new Input.Pause());
		until(this.dice.below(this.setting.longestLease), () -> candidate.input(new Input.Resume()));
	}

	private void input(SimulatedNode node, Happening happening, Input input) {
		if (node.isUp()) {
			this.chronicle.tell(happening, () -> input + " for " + node);
			node.tell(() -> List.copyOf(node.candidates()).forEach((candidate) -> candidate.input(input)));
		}
	}

	// Writes

	/** To be told of every request that was carried out, while its answer is to come. */
	void carriedOut(SimulatedNode node, Request request, LeaseRecord written) {
		if (!(request instanceof Request.Renew)) {
			this.written.add(written);
		}
		else if (this.whenRenewing.remove(node)) {
			disturbRenewal(node);
		}
	}

	private void disturbRenewal(SimulatedNode node) {
		if (this.dice.chance(0.7)) {
			long lease = this.setting.longestLease;
			partition(node, lease / 2 + this.dice.below(lease), true);
		}
		else {
			// Wakes around the deadline, with the answer before its eyes
			long deadline = node.timing.renewDeadline().toNanos();
			long retry = node.timing.retryPeriod().toNanos();
			pauseProcess(node, node.clock.realTime(deadline - this.dice.below(retry)));
		}
	}

	private void delete(String election) {
		SimulatedStore.Cell cell = this.simulation.cell(election);
		if (cell.record != null) {
			this.chronicle.tell(Happening.RECORD_DELETED, () -> "record of " + election + " is deleted");
			cell.record = null;
		}
	}

	private void touch(String election) {
		if (this.simulation.cell(election).record instanceof LeaseRecord.Held held) {
			this.chronicle.tell(Happening.RECORD_TOUCHED, () -> "record of " + election + " is touched");
			this.simulation.touch(election, held);
			SimulatedCandidate leader = this.simulation.leader(election);
			if (leader != null && leader.standing() instanceof Leading leading) {
				noticeLate(leader.node, leading);
			}
		}
	}

	/** A leader wakes just in time to ask once or twice, and is cut off then. */
	private void noticeLate(SimulatedNode node, Leading leading) {
		long remaining = node.clock.realTime(leading.deadline() - node.localTime());
		long wakeIn = Math.max(1, remaining - this.dice.below(8 * Setting.DELAY));
		pauseProcess(node, wakeIn);
		if (this.dice.chance(0.5)) {
			this.network.failNext(node);
		}
		until(wakeIn + this.dice.below(8 * Setting.DELAY), () -> partition(node, this.setting.longestLease, false));
	}

	private void overwriteOrLose(String election) {
		if (this.dice.chance(0.3)) {
			this.chronicle.tell(Happening.WRITES_LOST, () -> "writes to " + election + " are lost");
			this.simulation.lose(election);
		}
		else if (this.dice.chance(0.4) && !this.written.isEmpty()) {
			LeaseRecord record = tampered(election, this.dice.oneOf(this.written));
			this.chronicle.tell(Happening.RECORD_OVERWRITTEN,
					() -> "record of " + election + " is overwritten with " + record);
			this.simulation.overwrite(election, record);
		}
	}

	/** An older record, or one that no store has ever written. */
	private LeaseRecord tampered(String election, LeaseRecord older) {
		if (!(older instanceof LeaseRecord.Held held) || this.dice.chance(0.5)) {
			return older;
		}
		String nonce = this.dice.chance(0.5) ? held.lease().nonce() : someNode() + "#1";
		Lease lease = new Lease(election, nonce, this.dice.below(1 + held.term() * 2), this.dice.below(100));
		List<Duration> shortOnes = List.of(held.leaseDuration(), Duration.ZERO, Duration.ofDays(-1),
				Duration.ofMillis(20));
		List<Duration> anyOnes = List.of(held.renewDeadline(), Duration.ZERO, Duration.ofSeconds(Long.MAX_VALUE),
				Duration.ofSeconds(Long.MIN_VALUE));
		return new LeaseRecord.Held(lease, "tampered", Map.of(), 0, this.dice.oneOf(shortOnes),
				this.dice.oneOf(anyOnes), Duration.ZERO);
	}

	private SimulatedNode someNode() {
		SimulatedCandidate leader = this.dice.chance(0.6) ? this.simulation.leader(someElection()) : null;
		return (leader != null) ? leader.node : this.dice.oneOf(this.simulation.nodes());
	}

	private String someElection() {
		return this.dice.oneOf(this.setting.elections);
	}

	private void until(long duration, Runnable end) {
		this.agenda.at(Math.min(this.agenda.now() + duration, this.setting.healAt), end);
	}

	private boolean isTime() {
		return this.agenda.now() < this.setting.healAt;
	}

}
