package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.election.ElectionReport.Transition;
import io.election.ElectionState;
import io.election.RevocationReason;
import io.election.core.Answer;
import io.election.core.Effect;
import io.election.core.Standing;
import io.election.core.Step;
import io.election.core.Timing;
import io.election.runtime.StoreWorker.Order;
import io.election.runtime.StoreWorker.Reply;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Moves candidates: hands them inputs, publishes where they stand then, and carries out
 * what their steps ask for. Everything here runs in the loop.
 */
final class CandidateDriver {

	private static final Log logger = LogFactory.getLog(CandidateDriver.class);

	private final Timing timing;

	private final Clock clock;

	private final SerialLoop loop;

	private final Consumer<Candidacy> departures;

	private List<Order> outbox = new ArrayList<>();

	/**
	 * Creates a driver.
	 * @param departures told of each candidate that is gone
	 */
	CandidateDriver(Timing timing, Clock clock, SerialLoop loop, Consumer<Candidacy> departures) {
		this.timing = timing;
		this.clock = clock;
		this.loop = loop;
		this.departures = departures;
	}

	/** The requests since the last call. Answers come back to {@link #replied}. */
	List<Order> takeOutbox() {
		List<Order> orders = this.outbox;
		this.outbox = new ArrayList<>();
		return orders;
	}

	/** Begins; the candidacy was made with the next standing of the given step. */
	void joined(Candidacy candidacy, Step first) {
		record(candidacy, ElectionState.UNKNOWN, first, "JOINED");
		carryOut(candidacy, first);
	}

	void replied(List<Reply> replies) {
		for (Reply reply : replies) {
			Order order = reply.order();
			Candidacy candidacy = order.candidacy();
			if (reply.answer() instanceof Answer.Held) {
				candidacy.renewed(this.clock.instant(), Duration.ofNanos(this.loop.now() - order.request().askedAt()));
			}
			move(candidacy, "",
					(standing, now) -> standing.answered(this.timing, now, order.request(), reply.answer()));
		}
	}

	void hint(Candidacy candidacy) {
		move(candidacy, "", (standing, now) -> standing.hint(this.timing, now));
	}

	void resign(Candidacy candidacy, Duration standAside) {
		move(candidacy, "", (standing, now) -> standing.resign(this.timing, now, standAside));
	}

	void pause(Candidacy candidacy) {
		move(candidacy, "PAUSED", (standing, now) -> standing.pause(this.timing, now));
	}

	void resume(Candidacy candidacy) {
		candidacy.refuseToken(null);
		move(candidacy, "RESUMED", (standing, now) -> standing.resume(this.timing, now));
	}

	void stop(Candidacy candidacy, Duration timeout) {
		move(candidacy, "", (standing, now) -> standing.stop(this.timing, now, timeout));
	}

	private void listenersFinished(Candidacy candidacy, long term) {
		move(candidacy, "", (standing, now) -> standing.listenersFinished(this.timing, now, term));
	}

	private void tick(Candidacy candidacy, long alarm) {
		if (alarm == candidacy.alarm()) {
			candidacy.alarm(Timing.NEVER);
			move(candidacy, "", (standing, now) -> standing.tick(this.timing, now));
		}
	}

	private void move(Candidacy candidacy, String cause, Input input) {
		Step step;
		try {
			step = input.on(candidacy.standing(), this.loop.now());
		}
		catch (RuntimeException ex) { // a bug of ours or an answer that no store may give
			logger.error("Election '" + candidacy.name() + "': input not handled", ex);
			wake(candidacy,
					Math.max(candidacy.standing().wakeAt(), this.loop.now() + this.timing.retryPeriod().toNanos()));
			return;
		}
		ElectionState before = candidacy.formalState();
		for (Effect effect : step.effects()) {
			if (effect instanceof Effect.Granted granted) {
				// Known before isLeader() turns true, so that leadership() agrees with it
				candidacy.begin(granted.lease().term(), this.clock.instant());
			}
			if (effect instanceof Effect.Stopped) {
				candidacy.gone();
			}
		}
		candidacy.become(step.next());
		record(candidacy, before, step, cause);
		carryOut(candidacy, step);
	}

	private void carryOut(Candidacy candidacy, Step step) {
		for (Effect effect : step.effects()) {
			carryOut(candidacy, effect);
		}
		wake(candidacy, step.next().wakeAt());
	}

	private void carryOut(Candidacy candidacy, Effect effect) {
		Announcer announcer = candidacy.announcer();
		if (effect instanceof Effect.Send send) {
			this.outbox.add(new Order(candidacy, send.request(), this.timing));
		}
		else if (effect instanceof Effect.Granted granted) {
			announcer.granted(candidacy.term(granted.lease().term()));
		}
		else if (effect instanceof Effect.Revoked revoked) {
			long term = revoked.lease().term();
			announcer.revoked(candidacy.term(term), RevocationReason.valueOf(revoked.reason().name()),
					() -> this.loop.submit(() -> listenersFinished(candidacy, term)));
		}
		else if (effect instanceof Effect.LeaderChanged changed) {
			announcer.leaderChanged(candidacy.toLeader(changed.previous()), candidacy.toLeader(changed.current()));
		}
		else if (effect instanceof Effect.TokenRefused refused) {
			candidacy.refuseToken("the backend handed out token " + refused.token() + " after " + refused.highest()
					+ ": it has lost writes that it had acknowledged. Paused until resumed");
			logger.error("Election '" + candidacy.name() + "': " + candidacy.refusedToken());
		}
		else if (effect instanceof Effect.Stopped) {
			announcer.close();
			this.departures.accept(candidacy);
		}
	}

	/**
	 * Keeps and logs a change of state; between leading and not leading for everybody.
	 */
	private void record(Candidacy candidacy, ElectionState before, Step step, String cause) {
		ElectionState after = candidacy.formalState();
		if (before == after) {
			return;
		}
		long token = 0;
		String reason = cause;
		for (Effect effect : step.effects()) {
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
			else if (effect instanceof Effect.Stopped && reason.isEmpty()) {
				reason = "STOPPED";
			}
		}
		candidacy.log(new Transition(this.clock.instant(), before, after, token, reason));
		String line = "Election '" + candidacy.name() + "': " + before + " -> " + after + ", token " + token + ", "
				+ reason;
		if (before == ElectionState.UNKNOWN || after == ElectionState.UNKNOWN) {
			logger.debug(line);
		}
		else {
			logger.info(line);
		}
	}

	private void wake(Candidacy candidacy, long instant) {
		if (instant != candidacy.alarm() && instant != Timing.NEVER) {
			this.loop.at(instant, () -> tick(candidacy, instant));
		}
		candidacy.alarm(instant);
	}

	private interface Input {

		Step on(Standing standing, long now);

	}

}
