package io.election.core;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one input: where the candidate stands now, and what is to be done.
 *
 * @param next the next standing
 * @param effects what is to be done, in this order
 */
public record Step(Standing next, List<Effect> effects) {

	/** Nothing to do. */
	static Step stay(Standing next) {
		return new Step(next, List.of());
	}

	/**
	 * A transition with the given effects, and {@link Effect.LeaderChanged} behind them
	 * if the two standings know different leaders.
	 */
	static Step of(Standing from, Standing next, Effect... effects) {
		List<Effect> all = new ArrayList<>(List.of(effects));
		if (!sameTerm(from.leader(), next.leader())) {
			all.add(new Effect.LeaderChanged(from.leader(), next.leader()));
		}
		return new Step(next, List.copyOf(all));
	}

	/** The same step with an effect in front of its own. */
	Step after(Effect first) {
		List<Effect> all = new ArrayList<>(List.of(first));
		all.addAll(this.effects);
		return new Step(this.next, List.copyOf(all));
	}

	private static boolean sameTerm(@Nullable Incumbent one, @Nullable Incumbent other) {
		if (one == null || other == null) {
			return one == null && other == null;
		}
		return one.nonce().equals(other.nonce()) && one.term() == other.term();
	}

}
