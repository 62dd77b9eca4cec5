package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import io.election.ElectionObserver.Attempt;
import io.election.ElectionObserver.Outcome;
import io.election.ElectionReport.Transition;
import io.election.ElectionState;
import io.election.Leader;
import io.election.RevocationReason;
import io.election.core.Answer;
import io.election.core.Effect;
import io.election.core.Leading;
import io.election.core.LeaseRecord;
import io.election.core.Reason;
import io.election.core.Request;
import io.election.core.Standing;
import io.election.core.Step;
import io.election.core.Timing;
import io.election.runtime.Candidacy.Moved;
import io.election.runtime.SerialLoop.Alarm;
import io.election.runtime.StoreWorker.Order;
import io.election.runtime.StoreWorker.Reply;
import io.election.store.Hint;
import org.jspecify.annotations.Nullable;

/**
 * Moves candidates: hands them inputs, publishes where they stand then, and carries out
 * what their steps ask for. Everything here runs in the loop. What fails costs neither
 * other candidates their inputs nor its own candidate the next alarm. If it fails for
 * lack of memory, the loop has it done again, and each effect is carried out once.
 */
final class CandidateDriver {

	private final Timing timing;

	private final Clock clock;

	private final SerialLoop loop;

	private final Consumer<Candidacy> departures;

	private final Observers observers;

	private final String adviceOnLocks;

	/** Of a kind that is as it was if there is no memory for one more. */
	private final Queue<Order> outbox = new ConcurrentLinkedQueue<>();

	/**
	 * Creates a driver.
	 * @param departures told of each candidate that is gone
	 * @param observers told of requests
	 * @param adviceOnLocks what to look for where a record stays locked
	 */
	CandidateDriver(Timing timing, Clock clock, SerialLoop loop, Consumer<Candidacy> departures, Observers observers,
			String adviceOnLocks) {
		this.timing = timing;
		this.clock = clock;
		this.loop = loop;
		this.departures = departures;
		this.observers = observers;
		this.adviceOnLocks = adviceOnLocks;
	}

	/**
	 * The requests to be sent, for the caller to take out. Answers come back to
	 * {@link #replied}.
	 */
	Queue<Order> outbox() {
		return this.outbox;
	}

	/** Begins, or goes on where it failed. */
	void joined(Candidacy candidacy) {
		carryOut(candidacy);
		if (!candidacy.isGone()) {
			wake(candidacy, candidacy.standing().wakeAt(this.timing));
		}
	}

	/**
	 * Handles replies.
	 * @param replies those that were handled are {@code null} then: handed in again,
	 * after this has thrown something, the rest is handled
	 */
	void replied(List<@Nullable Reply> replies) {
		Error failure = null;
		for (int i = 0; i < replies.size(); i++) {
			try {
				Reply reply = replies.get(i);
				if (reply != null) {
					replied(reply);
				}
				replies.set(i, null);
			}
			catch (Error ex) {
				failure = ex;
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	private void replied(Reply reply) {
		Duration took = Duration.ofNanos(this.loop.now() - reply.order().request().askedAt());
		if (reply.asked()) {
			observe(reply.order(), reply.answer(), took);
		}
		replied(reply.order(), reply.answer(), took);
	}

	private void replied(Order order, Answer answer, Duration took) {
		Candidacy candidacy = order.candidacy();
		if (answer instanceof Answer.Held) {
			candidacy.renewed(this.clock.instant(), took);
		}
		move(candidacy, "", (standing, now) -> {
			try {
				return standing.answered(this.timing, now, order.request(), answer);
			}
			catch (IllegalArgumentException ex) { // a store's mistake
				ElectionLog.LOGGER.error(ElectionLog.prefix(candidacy.name()) + "the backend gave a wrong answer", ex);
				return standing.answered(this.timing, now, order.request(), new Answer.Unknown());
			}
		});
		heedLocks(candidacy, order.request(), answer);
	}

	/**
	 * Reports a record that somebody else has locked for longer than a lease, so that
	 * nobody can lead.
	 */
	private void heedLocks(Candidacy candidacy, Request request, Answer answer) {
		boolean unchanged = request instanceof Request.Renew renew && answer instanceof Answer.Refused refused
				&& refused.record() instanceof LeaseRecord.Held held && held.lease().equals(renew.lease());
		if (unchanged || answer instanceof Answer.Busy) {
			Duration locked = Duration.ofNanos(this.loop.now() - candidacy.lockedSince(request.askedAt()));
			if (candidacy.locked() == null && locked.compareTo(this.timing.leaseDuration()) >= 0) {
				candidacy.locked("another program has locked the record for " + locked.toSeconds()
						+ " s, or its fence: nobody can become leader. " + this.adviceOnLocks);
				ElectionLog.LOGGER.warn(ElectionLog.prefix(candidacy.name()) + candidacy.locked());
			}
		}
		else if (answer instanceof Answer.Seen ? candidacy.standing().leader() != null
				: !(answer instanceof Answer.Unknown)) {
			candidacy.unlocked();
		}
	}

	private void observe(Order order, Answer answer, Duration took) {
		Request request = order.request();
		ElectionLog.answered(order.candidacy().name(), request, answer, took);
		Attempt attempt = (request instanceof Request.Acquire) ? Attempt.ACQUIRE : (request instanceof Request.Renew)
				? Attempt.RENEW : (request instanceof Request.Release) ? Attempt.RELEASE : null;
		if (attempt != null) {
			Outcome outcome = (answer instanceof Answer.Held) ? Outcome.HELD
					: (answer instanceof Answer.Refused) ? Outcome.REFUSED : (answer instanceof Answer.Busy)
							? Outcome.BUSY : (answer instanceof Answer.Released) ? Outcome.RELEASED : Outcome.UNKNOWN;
			this.observers.attempted(order.candidacy().name(), attempt, outcome, took);
		}
	}

	void hint(Candidacy candidacy, Hint hint) {
		this.observers.hinted(candidacy.name());
		move(candidacy, "", (standing, now) -> standing.hint(this.timing, now, hint.vacated()));
	}

	void resign(Candidacy candidacy, Duration standAside) {
		move(candidacy, "", (standing, now) -> standing.resign(this.timing, now, standAside));
	}

	/**
	 * Makes a candidate step down. It does not compete again before it is resumed, and
	 * cannot tell until then whether the record is locked.
	 */
	void pause(Candidacy candidacy, Reason reason) {
		move(candidacy, reason.name(), (standing, now) -> standing.pause(this.timing, now, reason));
		candidacy.unlocked();
	}

	void resume(Candidacy candidacy) {
		move(candidacy, "RESUMED", (standing, now) -> standing.resume(this.timing, now));
	}

	/** Ends a candidacy, after the given time at the latest. */
	void stop(Candidacy candidacy, Duration timeout) {
		candidacy.stopBy(this.loop.now() + timeout.toNanos());
		move(candidacy, "STOPPED", (standing, now) -> standing.stop(this.timing, now, timeout));
	}

	private void listenersFinished(Candidacy candidacy, long term, boolean allReturned) {
		move(candidacy, "", (standing, now) -> allReturned ? standing.listenersFinished(this.timing, now, term)
				: standing.listenersFailed(this.timing, now, term));
	}

	private void tick(Candidacy candidacy) {
		this.loop.cancel(candidacy.alarm());
		candidacy.alarm(null);
		move(candidacy, "", (standing, now) -> standing.tick(this.timing, now));
	}

	private void move(Candidacy candidacy, String cause, Input input) {
		boolean handled = false;
		try {
			carryOut(candidacy); // what was left to do before
			if (!candidacy.isGone()) {
				Step step = input.on(candidacy.standing(), this.loop.now());
				for (Effect effect : step.effects()) {
					if (effect instanceof Effect.WritesLost lost) {
						lost(candidacy, lost);
					}
				}
				candidacy.become(step, cause, this.clock.instant());
				carryOut(candidacy);
			}
			handled = true;
		}
		catch (RuntimeException ex) { // a mistake, which the loop need not make again
			ElectionLog.LOGGER.error(ElectionLog.prefix(candidacy.name()) + "input not handled", ex);
		}
		finally {
			if (!candidacy.isGone()) {
				wake(candidacy, handled ? candidacy.standing().wakeAt(this.timing)
						: laterThan(candidacy.standing().wakeAt(this.timing)));
			}
		}
	}

	/** When to go on after what failed at once and may well fail again. */
	private long laterThan(long wakeAt) {
		long later = this.loop.now() + this.timing.retryPeriod().toNanos();
		return (wakeAt != Timing.NEVER) ? Math.max(wakeAt, later) : later;
	}

	/** Does what there is to do about the latest step, or what is left of it. */
	private void carryOut(Candidacy candidacy) {
		Moved moved = candidacy.moved();
		if (moved == null) {
			return;
		}
		Transition transition = moved.keepTransition(candidacy);
		for (Effect effect = moved.next(); effect != null; effect = moved.next()) {
			try {
				carryOut(candidacy, effect);
			}
			catch (RuntimeException ex) { // a mistake; the next is carried out all the
											// same
				ElectionLog.LOGGER.error(ElectionLog.prefix(candidacy.name()) + "not carried out: " + effect, ex);
			}
			moved.advance();
		}
		candidacy.arrived();
		if (transition != null) { // last, because appenders may be slow
			ElectionLog.moved(candidacy.name(), transition);
		}
	}

	private static void lost(Candidacy candidacy, Effect.WritesLost lost) {
		String shown = (lost.token() < lost.highest()) ? "token " + lost.token() + " after " + lost.highest()
				: "an earlier renewal of token " + lost.token() + " than it had confirmed";
		if (candidacy.refusedToken() != null) {
			return; // says the same, and more
		}
		boolean news = candidacy.loseWrites(lost, "the backend shows " + shown
				+ ": it has lost writes that it had acknowledged. Find out what it was restored from, or failed over to,"
				+ " and resume this election to confirm that you know");
		if (news) {
			ElectionLog.LOGGER.error(ElectionLog.prefix(candidacy.name()) + candidacy.lostWrites());
		}
	}

	/** What hands the effect on comes last: what comes before can be done twice. */
	private void carryOut(Candidacy candidacy, Effect effect) {
		Announcer announcer = candidacy.announcer();
		if (effect instanceof Effect.Send send) {
			this.outbox.add(new Order(candidacy, send.request(), this.timing));
		}
		else if (effect instanceof Effect.Granted granted) {
			watchListeners(candidacy);
			announcer.granted(candidacy.term(granted.lease().term()));
		}
		else if (effect instanceof Effect.Revoked revoked) {
			long term = revoked.lease().term();
			watchListeners(candidacy);
			announcer.revoked(candidacy.term(term), RevocationReason.valueOf(revoked.reason().name()),
					(allReturned) -> this.loop.submit(() -> listenersFinished(candidacy, term, allReturned)));
		}
		else if (effect instanceof Effect.LeaderChanged changed) {
			Leader leader = candidacy.toLeader(changed.current());
			watchListeners(candidacy);
			Duration vacancy = candidacy.vacancy(changed.current() == null, this.loop.now());
			if (vacancy != null) {
				this.observers.leaderFound(candidacy.name(), vacancy);
			}
			if (!(candidacy.standing() instanceof Leading)) {
				ElectionLog.leaderChanged(candidacy.name(), leader);
			}
			announcer.leaderChanged(candidacy.toLeader(changed.previous()), leader);
		}
		else if (effect instanceof Effect.TokenRefused) {
			ElectionLog.LOGGER.error(ElectionLog.prefix(candidacy.name()) + candidacy.refusedToken());
		}
		else if (effect instanceof Effect.Stopped) {
			wake(candidacy, candidacy.stopBy(), () -> depart(candidacy));
			announcer.whenTold(() -> this.loop.submit(() -> depart(candidacy)));
		}
	}

	/** Looks after listeners until they have returned. */
	private void watchListeners(Candidacy candidacy) {
		watchListeners(candidacy, this.loop.now() + this.timing.leaseDuration().toNanos());
	}

	private void watchListeners(Candidacy candidacy, long instant) {
		if (!candidacy.isWatched() && instant != Timing.NEVER) {
			this.loop.at(instant, () -> {
				candidacy.watched(false);
				watchListeners(candidacy, candidacy.announcer().checkListeners());
			});
			candidacy.watched(true);
		}
	}

	/** The candidate is gone for the session once listeners were told of everything. */
	private void depart(Candidacy candidacy) {
		Alarm latest = candidacy.alarm();
		if (latest != null) {
			candidacy.announcer().close();
			this.departures.accept(candidacy);
			this.loop.cancel(latest);
			candidacy.alarm(null);
		}
	}

	private void wake(Candidacy candidacy, long instant) {
		Alarm present = candidacy.alarm();
		if (present == null || present.at() != instant) {
			wake(candidacy, instant, () -> tick(candidacy));
		}
	}

	private void wake(Candidacy candidacy, long instant, Runnable task) {
		Alarm next = (instant != Timing.NEVER) ? this.loop.at(instant, task) : null;
		this.loop.cancel(candidacy.alarm());
		candidacy.alarm(next);
	}

	private interface Input {

		Step on(Standing standing, long now);

	}

}
