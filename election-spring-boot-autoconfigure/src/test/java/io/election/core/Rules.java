package io.election.core;

import java.util.Map;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The rules that simulated candidates keep: those of the product. A subclass breaks one
 * of them, to show that somebody notices.
 */
class Rules {

	Self self(String election, String nonce, String candidateId, long firstToken) {
		return new Self(election, nonce, candidateId, Map.of(), firstToken);
	}

	Step join(Self self, long highestTerm, Timing timing, long now) {
		return Standing.join(self, highestTerm, timing, now);
	}

	Step step(Standing from, Input input, Timing timing, long now) {
		return input.to(from, timing, now);
	}

	boolean isLeader(Standing standing, long now) {
		return standing instanceof Leading leading && now < leading.deadline();
	}

	/** Whether a renewal that is about to be sent still is of the current term. */
	boolean sends(Standing standing, Request.Renew renew) {
		return standing instanceof Leading leading && leading.lease().term() == renew.lease().term();
	}

	/**
	 * The row of the table that a step belongs to.
	 * @throws RuntimeException if there is none
	 */
	Transition transition(@Nullable Standing from, @Nullable Input input, Step step, long now) {
		return Transition.of(from, input, step, now);
	}

	SimulatedStore store(LongSupplier realTime, LongSupplier serverClock) {
		return new SimulatedStore(realTime, serverClock);
	}

}
