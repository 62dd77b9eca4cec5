package io.election.core;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A process with a clock of its own that takes part in some elections, may be paused at
 * any time, may crash and be started again under the same label.
 */
final class SimulatedNode {

	final Environment environment;

	final String name;

	final String candidateId;

	final Timing timing;

	final LocalClock clock;

	private final long firstToken;

	private final List<String> elections;

	private final List<SimulatedCandidate> candidates = new ArrayList<>();

	private final Deque<Runnable> missed = new ArrayDeque<>();

	private boolean paused;

	private boolean catchingUp;

	private int starts;

	SimulatedNode(Environment environment, String name, String candidateId, List<String> elections, Timing timing,
			LocalClock clock, long firstToken) {
		this.environment = environment;
		this.name = name;
		this.candidateId = candidateId;
		this.elections = elections;
		this.timing = timing;
		this.clock = clock;
		this.firstToken = firstToken;
	}

	/** Starts a process that knows nothing of the one before it. */
	void start() {
		if (isUp()) {
			throw new IllegalStateException(this.name + " is up");
		}
		this.starts++;
		for (String election : this.elections) {
			Self self = this.environment.rules()
				.self(election, this.name + "#" + this.starts, this.candidateId, this.firstToken);
			this.candidates.add(new SimulatedCandidate(this, self));
		}
		this.candidates.forEach(SimulatedCandidate::join);
	}

	void crash() {
		this.candidates.forEach(SimulatedCandidate::die);
		this.candidates.clear();
		this.missed.clear();
		this.paused = false;
	}

	void stop(Duration timeout) {
		tell(() -> List.copyOf(this.candidates).forEach((candidate) -> candidate.input(new Input.Stop(timeout))));
	}

	void stopped(SimulatedCandidate candidate) {
		this.candidates.remove(candidate);
	}

	void pause() {
		this.paused = true;
	}

	/** Goes on with everything that has come up in the meantime. */
	void wake() {
		if (!this.paused) {
			return;
		}
		this.paused = false;
		this.catchingUp = true;
		this.environment.woke(this);
		while (!this.missed.isEmpty()) {
			this.missed.poll().run();
		}
		this.catchingUp = false;
	}

	/** Has the process do something, as soon as it is not paused. */
	void tell(Runnable action) {
		if (this.paused) {
			this.missed.add(action);
		}
		else {
			action.run();
		}
	}

	boolean isUp() {
		return !this.candidates.isEmpty();
	}

	boolean isAwake() {
		return isUp() && !this.paused;
	}

	/** Whether it is awake, but has not handled all that came up while it was not. */
	boolean isCatchingUp() {
		return this.catchingUp;
	}

	long localTime() {
		return this.clock.at(this.environment.agenda().now());
	}

	/** The candidates that have not stopped, in the order of their elections. */
	List<SimulatedCandidate> candidates() {
		return this.candidates;
	}

	@Override
	public String toString() {
		return this.name;
	}

}
