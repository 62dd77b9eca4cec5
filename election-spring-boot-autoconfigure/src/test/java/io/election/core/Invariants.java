package io.election.core;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What must hold after every single event, whatever happens around the candidates.
 */
final class Invariants {

	/** So many requests a retry period are no hot loop, beside the looks. */
	private static final int REQUESTS_PER_RETRY_PERIOD = 30;

	/** The shortest time between two looks, with the shortest possible margin. */
	private static final long SHORTEST_LOOK_PERIOD = 40_000_000;

	final Set<Transition> seen = EnumSet.noneOf(Transition.class);

	/**
	 * Elections whose record was written by somebody else: leaders may overlap, tokens
	 * and events must still be right.
	 */
	final Set<String> overwritten = new HashSet<>();

	/** Elections whose store has lost writes: only each candidate's events are right. */
	final Set<String> corrupted = new HashSet<>();

	/** Nodes that have no reason to lose their terms. */
	final Set<SimulatedNode> undisturbed = new HashSet<>();

	private final Map<String, Set<Long>> tokens = new HashMap<>();

	private final Map<String, Long> highestToken = new HashMap<>();

	/** How often a candidate has reported that the store has lost writes. */
	int reportsOfLostWrites;

	private final List<SimulatedNode> nodes;

	Invariants(List<SimulatedNode> nodes) {
		this.nodes = nodes;
	}

	void stepped(SimulatedCandidate candidate, @Nullable Standing from, @Nullable Input input, Step step) {
		long now = candidate.node.localTime();
		Ledger ledger = candidate.ledger;
		this.seen.add(candidate.node.environment.rules().transition(from, input, step, now));
		if (input instanceof Input.ListenersFinished finished && finished.term() == ledger.lastGranted) {
			ledger.listening = false;
		}
		else if (!(step.next() instanceof Yielding)) {
			ledger.listening = false; // one has failed, and the lease has run out
		}
		count(candidate, input, step, now);
		boolean stopped = false;
		for (Effect effect : step.effects()) {
			check(!stopped, "%s: %s after it has stopped", candidate, effect);
			stopped = effect instanceof Effect.Stopped;
			effect(candidate, from, effect, now);
		}
		if (input instanceof Input.Tick) {
			check(step.next().wakeAt(candidate.node.timing) > now || sends(step), "%s: hot loop: wakes at once in %s",
					candidate, step.next());
		}
		if (from instanceof Leading leading && now >= leading.deadline()) {
			check(!(step.next() instanceof Leading), "%s leads beyond its deadline: %s", candidate, step.next());
		}
		if (candidate.isLeader()) {
			Lease granted = ledger.granted;
			check(granted != null && granted.term() == ((Leading) step.next()).lease().term(),
					"%s leads term %s without having been told so", candidate, step.next());
		}
		goesOn(candidate, step);
		atMostOneLeader(candidate.self.election());
	}

	private void effect(SimulatedCandidate candidate, @Nullable Standing from, Effect effect, long now) {
		Ledger ledger = candidate.ledger;
		String election = candidate.self.election();
		String who = candidate.self.nonce();
		if (effect instanceof Effect.Granted granted) {
			check(ledger.granted == null, "%s: granted %s inside of %s", who, effect, ledger.granted);
			check(!ledger.listening, "%s: %s before the listeners of its last term finished", who, effect);
			check(granted.lease().term() > ledger.highestToken, "%s: %s after token %d", who, effect,
					ledger.highestToken);
			check(granted.lease().term() >= candidate.self.firstToken(), "%s: %s below its first token %d", who, effect,
					candidate.self.firstToken());
			ledger.highestToken = granted.lease().term();
			ledger.granted = granted.lease();
			ledger.lastGranted = granted.lease().term();
			newToken(election, who, granted.lease().term());
		}
		else if (effect instanceof Effect.Revoked revoked) {
			check(ledger.granted != null && ledger.granted.term() == revoked.lease().term(), "%s: %s after grant of %s",
					who, effect, ledger.granted);
			check(!this.undisturbed.contains(candidate.node) || this.corrupted.contains(election),
					"%s: %s although nothing is wrong", who, effect);
			check((revoked.reason() == Reason.EXPIRED) == (now >= ((Leading) from).deadline())
					|| revoked.reason() == Reason.LOST, "%s: %s at %d, deadline %s", who, effect, now, from);
			ledger.granted = null;
			ledger.listening = true;
		}
		else if (effect instanceof Effect.LeaderChanged changed) {
			check(same(changed.previous(), ledger.leader), "%s: %s after %s", who, effect, ledger.leader);
			check(!same(changed.previous(), changed.current()), "%s: %s is no change", who, effect);
			Incumbent current = changed.current();
			if (current != null && !this.overwritten.contains(election) && !this.corrupted.contains(election)) {
				boolean own = current.nonce().equals(who);
				check(own ? current.term() == ledger.lastGranted : current.term() > ledger.lastGranted,
						"%s: %s after its own term %d", who, effect, ledger.lastGranted);
			}
			ledger.leader = current;
			ledger.highestToken = Math.max(ledger.highestToken, (current != null) ? current.term() : 0);
		}
		else if (effect instanceof Effect.TokenRefused) {
			check(this.corrupted.contains(election), "%s: %s although nothing was lost", who, effect);
		}
		else if (effect instanceof Effect.WritesLost) {
			check(this.corrupted.contains(election) || this.overwritten.contains(election),
					"%s: %s although nothing was lost", who, effect);
			this.reportsOfLostWrites++;
		}
		else if (effect instanceof Effect.Send send) {
			request(candidate, send.request());
		}
	}

	private void request(SimulatedCandidate candidate, Request request) {
		Ledger ledger = candidate.ledger;
		String who = candidate.self.nonce();
		if (request instanceof Request.Renew renew) {
			check(ledger.granted != null && ledger.granted.term() == renew.lease().term(), "%s: %s in term %s", who,
					request, ledger.granted);
		}
		else if (request instanceof Request.Release release) {
			check(release.lease().nonce().equals(who), "%s: %s of another", who, request);
			boolean told = release.lease().term() == ledger.lastGranted;
			check(!told || ledger.granted == null, "%s: %s before revoked", who, request);
			check(!told || !ledger.listening, "%s: %s before the listeners have finished", who, request);
		}
		else if (request instanceof Request.Acquire || request instanceof Request.Look && !ledger.gaveBack) {
			check(!candidate.awaits(request.getClass()), "%s: %s while another is under way", who, request);
		}
		ledger.gaveBack = request instanceof Request.Release || ledger.gaveBack && !(request instanceof Request.Look);
	}

	/** A request goes on its way, which it may have waited for. */
	void sent(SimulatedCandidate candidate, Request request) {
		if (request instanceof Request.Renew renew) {
			Lease granted = candidate.ledger.granted;
			check(granted != null && granted.term() == renew.lease().term(), "%s: %s is sent in term %s", candidate,
					request, granted);
		}
	}

	private void newToken(String election, String who, long term) {
		if (this.corrupted.contains(election)) {
			return;
		}
		check(this.tokens.computeIfAbsent(election, (name) -> new HashSet<>()).add(term), "%s: token %d of %s again",
				who, term, election);
		long highest = this.highestToken.getOrDefault(election, 0L);
		check(term > highest || this.overwritten.contains(election), "%s: token %d of %s after %d", who, term, election,
				highest);
		this.highestToken.put(election, Math.max(term, highest));
	}

	/** No candidate asks its store more often than its numbers and its hints explain. */
	private void count(SimulatedCandidate candidate, @Nullable Input input, Step step, long now) {
		Ledger ledger = candidate.ledger;
		long retry = candidate.node.timing.retryPeriod().toNanos();
		if (ledger.countedFrom + retry < now) {
			ledger.countedFrom = now;
			ledger.requests = 0;
			ledger.causes = 0;
		}
		if (!(input instanceof Input.Tick) && !(input instanceof Input.Answered)) {
			ledger.causes++;
		}
		if (sends(step)) {
			ledger.requests++;
		}
		check(ledger.requests <= REQUESTS_PER_RETRY_PERIOD + retry / SHORTEST_LOOK_PERIOD + 2 * ledger.causes,
				"%s: hot loop: %d requests", candidate, ledger.requests);
	}

	/** Something will happen next to every candidate that is not gone, answer or not. */
	private static void goesOn(SimulatedCandidate candidate, Step step) {
		Standing next = step.next();
		boolean listening = next instanceof Yielding yielding && yielding.listening();
		check(next instanceof Stopped || listening || next.wakeAt(candidate.node.timing) != Timing.NEVER,
				"%s waits for nothing: %s", candidate, next);
	}

	/** S1, and the deadline of every leader that can act. */
	void atMostOneLeader(String election) {
		SimulatedCandidate leader = null;
		for (SimulatedNode node : this.nodes) {
			if (!node.isAwake()) {
				continue;
			}
			SimulatedCandidate candidate = candidate(node, election);
			if (candidate == null) {
				continue;
			}
			if (candidate.isLeader()) {
				check(leader == null || this.overwritten.contains(election) || this.corrupted.contains(election),
						"two leaders of %s: %s and %s", election, leader, candidate);
				leader = candidate;
			}
			if (!node.isCatchingUp() && candidate.standing() instanceof Leading leading) {
				check(node.clock.at(node.environment.agenda().now() - 1) < leading.deadline(),
						"%s is not told that its term is over: %s", candidate, leading);
			}
		}
	}

	static @Nullable SimulatedCandidate candidate(SimulatedNode node, String election) {
		for (SimulatedCandidate candidate : node.candidates()) {
			if (candidate.self.election().equals(election)) {
				return candidate;
			}
		}
		return null;
	}

	private static boolean sends(Step step) {
		for (Effect effect : step.effects()) {
			if (effect instanceof Effect.Send) {
				return true;
			}
		}
		return false;
	}

	private static boolean same(@Nullable Incumbent one, @Nullable Incumbent other) {
		return (one == null || other == null) ? one == other
				: one.nonce().equals(other.nonce()) && one.term() == other.term();
	}

	static void check(boolean holds, String violation, @Nullable Object... details) {
		if (!holds) {
			throw new Violation(String.format(violation, details));
		}
	}

}
