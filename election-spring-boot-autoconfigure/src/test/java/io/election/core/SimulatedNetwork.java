package io.election.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What lies between nodes and store: loses, repeats, delays and reorders messages, cuts
 * nodes off, and swallows what arrives during an outage, or hands it over afterwards.
 */
final class SimulatedNetwork {

	private final Map<SimulatedNode, Partition> partitions = new HashMap<>();

	private final Agenda agenda;

	private final Dice dice;

	private final Setting setting;

	private final Chronicle chronicle;

	/** Requests that are carried out after an outage, {@code null} if there is none. */
	private @Nullable List<Runnable> outage;

	/** Which part of the requests fail at once during an outage. */
	private double refusing;

	private boolean readOnly;

	private final Set<SimulatedNode> failing = new HashSet<>();

	SimulatedNetwork(Agenda agenda, Dice dice, Setting setting, Chronicle chronicle) {
		this.agenda = agenda;
		this.dice = dice;
		this.setting = setting;
		this.chronicle = chronicle;
	}

	// Messages

	void carryRequest(SimulatedNode from, Request request, Runnable arrived, Runnable failed) {
		if (this.failing.remove(from)) {
			this.chronicle.add(Happening.FAILED_AT_ONCE);
			this.agenda.after(this.dice.below(Setting.DELAY), failed);
			return;
		}
		carry(from, true, () -> arriveAtStore(request, arrived, failed));
	}

	private void arriveAtStore(Request request, Runnable arrived, Runnable failed) {
		boolean fails = (this.outage != null) ? this.dice.chance(this.refusing)
				: this.readOnly && !(request instanceof Request.Look);
		if (fails) {
			this.chronicle.add(Happening.FAILED_AT_ONCE);
			this.agenda.after(this.dice.below(Setting.DELAY), failed);
		}
		else if (this.outage == null) {
			arrived.run();
		}
		else if (this.dice.chance(0.5)) {
			this.outage.add(arrived);
		}
	}

	void carryAnswer(SimulatedNode to, Runnable arrived) {
		carry(to, false, arrived);
	}

	private void carry(SimulatedNode node, boolean request, Runnable message) {
		boolean lost = isFaulty() && this.dice.chance(this.setting.loss);
		boolean twice = !lost && isFaulty() && this.dice.chance(this.setting.duplication);
		this.chronicle.addIf(lost, request ? Happening.REQUEST_LOST : Happening.ANSWER_LOST);
		this.chronicle.addIf(twice, Happening.DUPLICATED);
		for (int i = lost ? 2 : twice ? 0 : 1; i < 2; i++) {
			boolean lostIfCut = this.dice.chance(0.5);
			this.agenda.at(arrival(), () -> {
				Partition partition = this.partitions.get(node);
				List<Runnable> cut = (partition == null) ? null : request ? partition.requests : partition.answers;
				if (cut == null) {
					message.run();
				}
				else if (!lostIfCut) {
					cut.add(message);
				}
			});
		}
	}

	private long arrival() {
		boolean slow = isFaulty() && this.dice.chance(this.setting.slowness);
		this.chronicle.addIf(slow, Happening.SLOW);
		long most = !slow ? Setting.DELAY
				: this.dice.chance(0.5) ? this.setting.longestRetry : 2 * this.setting.longestLease;
		long arrival = this.agenda.now() + 1 + this.dice.below(most);
		return isFaulty() ? Math.min(arrival, this.setting.healAt + this.dice.below(Setting.DELAY)) : arrival;
	}

	private boolean isFaulty() {
		return this.agenda.now() < this.setting.healAt;
	}

	// Nodes that are cut off

	boolean reaches(SimulatedNode node) {
		return !this.partitions.containsKey(node);
	}

	void cutOff(SimulatedNode node) {
		this.chronicle.tell(() -> "cut off " + node);
		this.partitions.put(node, new Partition());
	}

	void reconnect(SimulatedNode node) {
		reconnectRequests(node);
		reconnectAnswers(node);
		this.partitions.remove(node);
	}

	void reconnectRequests(SimulatedNode node) {
		Partition partition = this.partitions.get(node);
		if (partition != null && partition.requests != null) {
			this.chronicle.tell(() -> "requests of " + node + " arrive again");
			deliver(partition.requests, Happening.LATE_AFTER_PARTITION);
			partition.requests = null;
		}
	}

	void reconnectAnswers(SimulatedNode node) {
		Partition partition = this.partitions.get(node);
		if (partition != null && partition.answers != null) {
			this.chronicle.tell(() -> "answers to " + node + " arrive again");
			deliver(partition.answers, Happening.LATE_AFTER_PARTITION);
			partition.answers = null;
		}
	}

	private void deliver(List<Runnable> late, Happening happening) {
		this.chronicle.addIf(!late.isEmpty(), happening);
		late.forEach((message) -> this.agenda.after(this.dice.below(Setting.DELAY), message));
	}

	// The store

	boolean isOut() {
		return this.outage != null;
	}

	void beginOutage() {
		this.outage = new ArrayList<>();
		this.refusing = this.dice.oneOf(0, 0.5, 1);
		this.chronicle.tell(() -> "outage, in which %s fail at once".formatted(this.refusing));
	}

	void endOutage() {
		List<Runnable> late = this.outage;
		if (late != null) {
			this.chronicle.tell(() -> "outage ends");
			this.outage = null;
			deliver(late, Happening.LATE_AFTER_OUTAGE);
		}
	}

	/** Has the next request of a node fail at once, without reaching the store. */
	void failNext(SimulatedNode node) {
		this.failing.add(node);
	}

	void failNoMore() {
		this.failing.clear();
	}

	/** Whether everything but a look fails at once: for want of a privilege, say. */
	void setReadOnly(boolean readOnly) {
		this.chronicle.tell(() -> "store is " + (readOnly ? "read-only" : "writable"));
		this.readOnly = readOnly;
	}

	/**
	 * Messages that arrive when a node is no longer cut off; {@code null} for a direction
	 * in which they arrive already.
	 */
	private static final class Partition {

		private @Nullable List<Runnable> requests = new ArrayList<>();

		private @Nullable List<Runnable> answers = new ArrayList<>();

	}

}
