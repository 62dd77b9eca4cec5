package io.election.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;

import io.election.ElectionReport.Transition;
import io.election.ElectionState;
import io.election.Leader;
import io.election.Leadership;
import io.election.core.Effect;
import io.election.core.Goal;
import io.election.core.Incumbent;
import io.election.core.Leading;
import io.election.core.Standing;
import io.election.core.Step;
import io.election.core.Timing;
import io.election.runtime.SerialLoop.Alarm;
import io.election.store.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * One candidate of one election, from joining to being gone. Only the loop writes;
 * anybody may read.
 */
final class Candidacy {

	private static final int TRANSITIONS_KEPT = 32;

	private final DefaultLeaderElection election;

	private final ElectionSession session;

	private final LongSupplier ticks;

	private final Announcer announcer;

	private final Deque<Transition> transitions = new ArrayDeque<>(TRANSITIONS_KEPT + 1);

	/** When the loop is to wake this candidate. Confined to the loop. */
	private @Nullable Alarm alarm;

	/** When listeners are not waited for any longer. Confined to the loop. */
	private long stopBy = Timing.NEVER;

	/** Since when nobody is known to lead, after somebody was. Confined to the loop. */
	private long vacantSince = Timing.NEVER;

	/** Confined to the loop. */
	private boolean watched;

	/** Confined to the loop. */
	private @Nullable Moved moved;

	private volatile Standing standing;

	/** The latest term, of which the standing tells whether it is over. */
	private volatile @Nullable Leadership latestTerm;

	private volatile @Nullable Renewal latestRenewal;

	private volatile @Nullable String refusedToken;

	/** The latest loss that was reported. Confined to the loop. */
	private Effect.@Nullable WritesLost reportedLoss;

	private volatile @Nullable String lostWrites;

	/** Since when the record has been locked. Confined to the loop. */
	private long lockedSince = Timing.NEVER;

	private volatile @Nullable String locked;

	private volatile boolean gone;

	Candidacy(DefaultLeaderElection election, ElectionSession session, LongSupplier ticks, Announcer announcer,
			Step first, Instant now) {
		this.election = election;
		this.session = session;
		this.ticks = ticks;
		this.announcer = announcer;
		this.moved = new Moved(first, ElectionState.UNKNOWN, "JOINED", now);
		this.standing = first.next();
	}

	String name() {
		return this.election.name();
	}

	DefaultLeaderElection election() {
		return this.election;
	}

	ElectionSession session() {
		return this.session;
	}

	Announcer announcer() {
		return this.announcer;
	}

	Standing standing() {
		return this.standing;
	}

	boolean isLeader() {
		return this.standing instanceof Leading leading && this.ticks.getAsLong() < leading.deadline();
	}

	/** Whether the candidate leads in the given term. */
	boolean leads(long term) {
		return this.standing instanceof Leading leading && leading.lease().term() == term
				&& this.ticks.getAsLong() < leading.deadline();
	}

	ElectionState state() {
		ElectionState formal = formalState();
		return (formal == ElectionState.LEADER && !isLeader()) ? ElectionState.CANDIDATE : formal;
	}

	/** The current term, {@code null} if the candidate does not lead. */
	@Nullable Leadership leadership() {
		Leadership latest = this.latestTerm;
		return (latest != null && leads(latest.fencingToken())) ? latest : null;
	}

	/** How long the current term lasts without another renewal, zero if none. */
	Duration validFor() {
		return (this.standing instanceof Leading leading)
				? Duration.ofNanos(Math.max(0, leading.deadline() - this.ticks.getAsLong())) : Duration.ZERO;
	}

	@Nullable Leader leader() {
		Standing now = this.standing;
		return (now instanceof Leading && !isLeader()) ? null : toLeader(now.leader());
	}

	@Nullable Leader toLeader(@Nullable Incumbent incumbent) {
		if (incumbent == null) {
			return null;
		}
		Leadership own = this.latestTerm;
		boolean isOwn = own != null && own.fencingToken() == incumbent.term()
				&& incumbent.nonce().equals(this.standing.self().nonce());
		return new Leader(Attributes.clean(incumbent.candidateId()), incumbent.term(),
				(isOwn && own != null) ? own.grantedAt() : Instant.ofEpochMilli(incumbent.since()),
				Attributes.cleaned(incumbent.attributes()));
	}

	@Nullable Renewal latestRenewal() {
		return this.latestRenewal;
	}

	/** Why the candidate does not compete any more, {@code null} if it was not barred. */
	@Nullable String refusedToken() {
		return this.refusedToken;
	}

	/**
	 * What shows that the backend has lost writes, {@code null} if nothing has since an
	 * operator last confirmed it.
	 */
	@Nullable String lostWrites() {
		return this.lostWrites;
	}

	/** By what the record is kept from being written, {@code null} unless for long. */
	@Nullable String locked() {
		return this.locked;
	}

	/** What is wrong with the record of the election, although the backend answers. */
	@Nullable String fact() {
		String refused = this.refusedToken;
		String lost = this.lostWrites;
		return (refused != null) ? refused : (lost != null) ? lost : this.locked;
	}

	List<Transition> transitions() {
		synchronized (this.transitions) {
			return List.copyOf(this.transitions);
		}
	}

	/** Why listeners keep the candidate from competing, {@code null} if they do not. */
	@Nullable String blockedBy() {
		return this.announcer.error();
	}

	/** What needs attention although the election goes on; whole sentences. */
	List<String> warnings() {
		return this.announcer.warnings();
	}

	// The rest is for the loop

	@Nullable Alarm alarm() {
		return this.alarm;
	}

	void alarm(@Nullable Alarm alarm) {
		this.alarm = alarm;
	}

	long stopBy() {
		return this.stopBy;
	}

	void stopBy(long instant) {
		this.stopBy = Math.min(this.stopBy, instant);
	}

	/** Whether an alarm for its listeners is set. */
	boolean isWatched() {
		return this.watched;
	}

	void watched(boolean watched) {
		this.watched = watched;
	}

	/**
	 * Stands where a step has led to. What readers ask for besides the standing is there
	 * before it, so that they agree. Takes memory before it changes anything.
	 */
	void become(Step step, String cause, Instant now) {
		Moved moved = new Moved(step, formalState(), cause, now);
		Leadership begun = null;
		String refused = null;
		boolean stopped = false;
		for (Effect effect : step.effects()) {
			if (effect instanceof Effect.Granted granted) {
				begun = new Leadership(name(), this.election.candidateId(), granted.lease().term(), now);
			}
			else if (effect instanceof Effect.TokenRefused token) {
				refused = refusal(token, step.next().self().firstToken());
			}
			stopped |= effect instanceof Effect.Stopped;
		}
		this.latestTerm = (begun != null) ? begun : this.latestTerm;
		this.refusedToken = (refused != null) ? refused : this.refusedToken;
		this.gone |= stopped;
		this.moved = moved;
		this.standing = step.next();
	}

	private static String refusal(Effect.TokenRefused refused, long firstToken) {
		String handedOut = "the backend handed out token " + refused.token();
		String reason = (refused.token() <= refused.highest())
				? " after " + refused.highest() + ": it has lost writes that it had acknowledged"
				: ", but election.first-token is " + firstToken
						+ ", and it makes tokens itself. Make it go on from there, or lower election.first-token"
						+ " together with the tokens that resources remember";
		return handedOut + reason + ". Paused until resumed";
	}

	/** What is to be done about the latest step, {@code null} if all was done. */
	@Nullable Moved moved() {
		return this.moved;
	}

	/** All was done. */
	void arrived() {
		this.moved = null;
	}

	/** The latest term, which must be the given one. */
	Leadership term(long term) {
		Leadership latest = this.latestTerm;
		if (latest == null || latest.fencingToken() != term) {
			throw new IllegalStateException("asked for term " + term + ", but the latest is " + latest);
		}
		return latest;
	}

	void renewed(Instant at, Duration took) {
		this.latestRenewal = new Renewal(at, took);
	}

	/**
	 * Keeps that writes were lost.
	 * @return whether this loss was not reported before. The next leader's token, while
	 * it is still lower than the highest, comes of the same loss
	 */
	boolean loseWrites(Effect.WritesLost loss, String what) {
		Effect.WritesLost reported = this.reportedLoss;
		boolean news = reported == null || loss.highest() != reported.highest() || loss.token() < reported.token();
		if (news) {
			this.reportedLoss = loss;
			this.lostWrites = what;
		}
		return news;
	}

	/** Since when the record has been locked, which it is at the given instant. */
	long lockedSince(long instant) {
		this.lockedSince = Math.min(this.lockedSince, instant);
		return this.lockedSince;
	}

	void locked(String by) {
		this.locked = by;
	}

	void unlocked() {
		this.lockedSince = Timing.NEVER;
		this.locked = null;
	}

	/** An operator knows what is wrong, and what bars the candidate is over. */
	void confirmed() {
		this.refusedToken = null;
		this.lostWrites = null;
	}

	boolean isGone() {
		return this.gone;
	}

	/** The state as far as inputs were handled, however late it is. */
	ElectionState formalState() {
		if (this.gone) {
			return ElectionState.UNKNOWN;
		}
		if (this.standing instanceof Leading) {
			return ElectionState.LEADER;
		}
		return (this.standing.goal().kind() == Goal.Kind.PAUSE) ? ElectionState.PAUSED : ElectionState.CANDIDATE;
	}

	/**
	 * Keeps that somebody leads now, or nobody.
	 * @return for how long nobody was known to lead, {@code null} unless that is over
	 */
	@Nullable Duration vacancy(boolean vacant, long now) {
		long since = this.vacantSince;
		this.vacantSince = vacant ? now : Timing.NEVER;
		return (!vacant && since != Timing.NEVER) ? Duration.ofNanos(now - since) : null;
	}

	void keep(Transition transition) {
		synchronized (this.transitions) {
			if (this.transitions.size() == TRANSITIONS_KEPT) {
				this.transitions.removeFirst();
			}
			this.transitions.add(transition);
		}
	}

	/**
	 * A step that was taken, and how far it was carried out.
	 */
	static final class Moved {

		private final Step step;

		private final ElectionState before;

		private final String cause;

		private final Instant at;

		/** How many of the effects were carried out. */
		private int carriedOut;

		private boolean kept;

		private @Nullable Transition transition;

		private Moved(Step step, ElectionState before, String cause, Instant at) {
			this.step = step;
			this.before = before;
			this.cause = cause;
			this.at = at;
		}

		/** The next effect to be carried out, {@code null} if all were. */
		@Nullable Effect next() {
			List<Effect> effects = this.step.effects();
			return (this.carriedOut < effects.size()) ? effects.get(this.carriedOut) : null;
		}

		/** The effect was carried out. */
		void advance() {
			this.carriedOut++;
		}

		/**
		 * The change of state, {@code null} if the state stays the same; kept from now
		 * on.
		 */
		@Nullable Transition keepTransition(Candidacy candidacy) {
			if (!this.kept) {
				Transition made = transition(candidacy.formalState());
				if (made != null) {
					candidacy.keep(made);
				}
				this.transition = made;
				this.kept = true;
			}
			return this.transition;
		}

		/** Between leading and not leading for everybody. */
		private @Nullable Transition transition(ElectionState after) {
			if (this.before == after) {
				return null;
			}
			long token = 0;
			String reason = this.cause;
			for (Effect effect : this.step.effects()) {
				if (effect instanceof Effect.Granted granted) {
					token = granted.lease().term();
					reason = "GRANTED";
				}
				else if (effect instanceof Effect.Revoked revoked) {
					token = revoked.lease().term();
					reason = revoked.reason().name();
				}
				else if (effect instanceof Effect.TokenRefused refused) {
					token = refused.token();
					reason = "TOKEN_REFUSED";
				}
				else if (effect instanceof Effect.Stopped) {
					reason = "STOPPED";
				}
			}
			return new Transition(this.at, this.before, after, token, reason);
		}

	}

	/**
	 * A lease that was granted or renewed.
	 *
	 * @param at when the answer arrived
	 * @param took how long it took
	 */
	record Renewal(Instant at, Duration took) {
	}

}
