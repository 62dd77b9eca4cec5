package io.election.core;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * The driver of one standing, as the product has it: publishes the next standing before
 * it carries out the effects, has one request of a kind under way, drops a renewal whose
 * term has ended, hands events to listeners one after the other.
 */
final class SimulatedCandidate {

	private static final Answer UNKNOWN = new Answer.Unknown();

	final SimulatedNode node;

	final Self self;

	final Ledger ledger = new Ledger();

	private final Environment environment;

	private final Lane[] lanes = { new Lane(), new Lane(), new Lane(), new Lane() };

	private final Deque<Effect> events = new ArrayDeque<>();

	private Standing standing;

	private boolean dead;

	private long wakingAt = Timing.NEVER;

	SimulatedCandidate(SimulatedNode node, Self self) {
		this.node = node;
		this.self = self;
		this.environment = node.environment;
	}

	void join() {
		carryOut(null, null, this.environment.rules().join(this.self, 0, this.node.timing, this.node.localTime()));
	}

	/** Ends without a word, as in a crash. */
	void die() {
		this.dead = true;
	}

	void input(Input input) {
		if (!this.dead) {
			Standing from = this.standing;
			carryOut(from, input, this.environment.rules().step(from, input, this.node.timing, this.node.localTime()));
		}
	}

	private void carryOut(@Nullable Standing from, @Nullable Input input, Step step) {
		this.standing = step.next();
		this.environment.stepped(this, from, input, step);
		for (Effect effect : step.effects()) {
			if (effect instanceof Effect.Send send) {
				enqueue(send.request());
			}
			else if (effect instanceof Effect.Stopped) {
				this.node.stopped(this);
			}
			else {
				this.events.add(effect);
				if (this.events.size() == 1) {
					callListeners();
				}
			}
		}
		setTimer();
	}

	Standing standing() {
		return this.standing;
	}

	boolean isLeader() {
		return this.environment.rules().isLeader(this.standing, this.node.localTime());
	}

	/**
	 * Whether a request of this kind has not been answered, or has not even been sent,
	 * and still is waited for.
	 */
	boolean awaits(Class<? extends Request> kind) {
		Lane lane = this.lanes[lane(kind)];
		return isAwaited(lane.current) || lane.next.stream().anyMatch(this::isAwaited);
	}

	private boolean isAwaited(@Nullable Request request) {
		return request != null && this.node.localTime() < this.node.timing.unansweredAt(request.askedAt());
	}

	boolean listens() {
		return !this.events.isEmpty();
	}

	// Time

	private void setTimer() {
		long wakeAt = this.standing.wakeAt(this.node.timing);
		if (wakeAt != Timing.NEVER && wakeAt != this.wakingAt) {
			this.wakingAt = wakeAt;
			this.environment.agenda().at(this.node.clock.realAt(wakeAt), () -> tell(() -> timer(wakeAt)));
		}
	}

	private void timer(long setFor) {
		if (setFor == this.wakingAt) {
			this.wakingAt = Timing.NEVER;
		}
		if (this.standing.wakeAt(this.node.timing) <= this.node.localTime()) {
			input(new Input.Tick());
		}
		else {
			setTimer();
		}
	}

	// Requests

	private void enqueue(Request request) {
		Lane lane = this.lanes[lane(request.getClass())];
		if (lane.current != null) {
			lane.next.add(request);
		}
		else {
			startOn(lane, request);
		}
	}

	private void startOn(Lane lane, Request request) {
		lane.current = request;
		this.environment.agenda().after(this.environment.queueTime(), () -> tell(() -> send(lane, request)));
	}

	private void send(Lane lane, Request request) {
		if (request instanceof Request.Renew renew && !this.environment.rules().sends(this.standing, renew)) {
			this.environment.dropped(this, renew);
			finish(lane);
			return;
		}
		if (this.environment.forgets()) {
			finish(lane);
			return;
		}
		long givenUpAt = this.node.localTime() + this.environment.requestTimeout(this.node.timing);
		this.environment.carryRequest(this, request, () -> arrivedAtStore(lane, request),
				() -> tell(() -> answered(lane, request, UNKNOWN)));
		this.environment.agenda().at(this.node.clock.realAt(givenUpAt), () -> tell(() -> givenUp(lane, request)));
	}

	private void arrivedAtStore(Lane lane, Request request) {
		Answer answer = this.environment.carryOut(this, request);
		this.environment.carryAnswer(this.node, () -> tell(() -> answered(lane, request, answer)));
	}

	private void givenUp(Lane lane, Request request) {
		if (lane.current == request) {
			answered(lane, request, UNKNOWN);
		}
	}

	private void answered(Lane lane, Request request, Answer answer) {
		if (lane.current == request) {
			finish(lane);
		}
		else {
			this.environment.answeredLate(this, request, answer);
		}
		input(new Input.Answered(request, answer));
	}

	private void finish(Lane lane) {
		lane.current = null;
		Request next = lane.next.poll();
		if (next != null) {
			startOn(lane, next);
		}
	}

	private static int lane(Class<? extends Request> kind) {
		if (kind == Request.Look.class) {
			return 0;
		}
		if (kind == Request.Acquire.class) {
			return 1;
		}
		return (kind == Request.Renew.class) ? 2 : 3;
	}

	// Listeners

	private void callListeners() {
		Effect event = this.events.peek();
		this.environment.agenda().after(this.environment.listenerTime(this, event), () -> tell(() -> called(event)));
	}

	private void called(Effect event) {
		if (event instanceof Effect.Revoked revoked) {
			long term = revoked.lease().term();
			input(this.environment.listenerFails() ? new Input.ListenersFailed(term)
					: new Input.ListenersFinished(term));
		}
		this.events.poll();
		if (!this.events.isEmpty()) {
			callListeners();
		}
	}

	private void tell(Runnable action) {
		this.node.tell(() -> {
			if (!this.dead) {
				action.run();
			}
		});
	}

	@Override
	public String toString() {
		return this.self.nonce();
	}

	/** The requests of one kind. */
	private static final class Lane {

		private final Deque<Request> next = new ArrayDeque<>();

		private @Nullable Request current;

	}

}
