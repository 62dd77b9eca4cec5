package io.election.core;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The rows of the table of {@link Standing}, taken apart where one row covers several
 * causes, and which row a step belongs to.
 */
enum Transition {

	NONE_JOIN,

	WAITING_CLAIMS_AFTER_LEASE_RAN_OUT, WAITING_CLAIMS_AFTER_DELETED_LEASE_RAN_OUT, WAITING_CLAIMS_VACANT,
	WAITING_CLAIMS_ABSENT, WAITING_CLAIMS_FORMER_OWN, WAITING_CLAIMS_ON_HINT,

	WAITING_LOOKS, WAITING_GIVES_BACK, WAITING_STOPS,

	CLAIMING_LEADS, CLAIMING_HELD_TOO_LATE, CLAIMING_HELD_NOT_WANTED, CLAIMING_TOKEN_REFUSED,

	CLAIMING_REFUSED, CLAIMING_BUSY, CLAIMING_UNKNOWN,

	CLAIMING_STOPS_UNKNOWN, CLAIMING_STOPS_REFUSED, CLAIMING_STOPS_UNANSWERED,

	LEADING_RENEWS, LEADING_RENEWED, LEADING_OWN_WRITE_SEEN, LEADING_EXPIRED,

	LEADING_LOST_TO_ANOTHER, LEADING_LOST_VACANT, LEADING_LOST_GONE,

	LEADING_RESIGNS, LEADING_PAUSES, LEADING_STOPS,

	YIELDING_RELEASES, YIELDING_RELEASED, YIELDING_LETS_OTHERS_IN, YIELDING_RAN_OUT,

	YIELDING_LETS_RUN_OUT, YIELDING_STOPS_RELEASED, YIELDING_STOPS_FAILED, YIELDING_STOPS_RAN_OUT,
	YIELDING_STOPS_TIMED_OUT,

	STOPPED_ANYTHING,

	/** Not a row: the standing stays as it is, apart from what it knows and wants. */
	STAYS;

	/**
	 * The row that a step belongs to.
	 * @throws IllegalStateException if the table has no such row, or not with these
	 * effects
	 */
	static Transition of(@Nullable Standing from, @Nullable Input input, Step step, long now) {
		if (from == null || input == null) {
			return expect(NONE_JOIN, from, step, Waiting.class, Request.Look.class);
		}
		if (from instanceof Waiting waiting) {
			return ofWaiting(waiting, input, step, now);
		}
		if (from instanceof Claiming claiming) {
			return ofClaiming(claiming, input, step, now);
		}
		if (from instanceof Leading) {
			return ofLeading(from, input, step);
		}
		if (from instanceof Yielding) {
			return ofYielding(from, input, step);
		}
		return expect(STOPPED_ANYTHING, from, step, Stopped.class,
				(input instanceof Input.Stop) ? new Class<?>[] { Effect.Stopped.class } : new Class<?>[0]);
	}

	private static Transition ofWaiting(Waiting from, Input input, Step step, long now) {
		if (input instanceof Input.Hint hint && hint.vacated() != null && claimed(step) == hint.vacated()) {
			return expect(WAITING_CLAIMS_ON_HINT, from, step, Claiming.class, Request.Acquire.class);
		}
		if (step.next() instanceof Claiming claiming) {
			return expect(claims(claiming, now), from, step, Claiming.class, Request.Acquire.class);
		}
		if (step.next() instanceof Yielding) {
			return expect(WAITING_GIVES_BACK, from, step, Yielding.class, Request.Release.class);
		}
		if (step.next() instanceof Stopped) {
			return expect(WAITING_STOPS, from, step, Stopped.class, Effect.Stopped.class);
		}
		return step.effects().stream().anyMatch(Effect.Send.class::isInstance)
				? expect(WAITING_LOOKS, from, step, Waiting.class, Request.Look.class)
				: expect(STAYS, from, step, Waiting.class);
	}

	/** The record that a step claims, {@code null} if none. */
	private static @Nullable LeaseRecord claimed(Step step) {
		for (Effect effect : step.effects()) {
			if (effect instanceof Effect.Send send && send.request() instanceof Request.Acquire claim) {
				return claim.seen();
			}
		}
		return null;
	}

	private static Transition claims(Claiming claiming, long now) {
		LeaseRecord record = claiming.seen().record();
		if (record instanceof LeaseRecord.Absent) {
			return WAITING_CLAIMS_ABSENT;
		}
		if (record instanceof LeaseRecord.Vacant) {
			return WAITING_CLAIMS_VACANT;
		}
		if (claiming.seen().heldBy(claiming.self()) != null) {
			return WAITING_CLAIMS_FORMER_OWN;
		}
		if (now < claiming.seen().leaseEnd()) {
			throw new IllegalStateException("claims what is held: " + claiming);
		}
		return (record instanceof LeaseRecord.Vanished) ? WAITING_CLAIMS_AFTER_DELETED_LEASE_RAN_OUT
				: WAITING_CLAIMS_AFTER_LEASE_RAN_OUT;
	}

	private static Transition ofClaiming(Claiming from, Input input, Step step, long now) {
		Answer answer = (input instanceof Input.Answered answered
				&& answered.request() instanceof Request.Acquire acquire && acquire.askedAt() == from.askedAt())
						? answered.answer() : null;
		if (step.next() instanceof Leading) {
			return expect(CLAIMING_LEADS, from, step, Leading.class, Effect.Granted.class);
		}
		if (step.next() instanceof Yielding) {
			if (step.effects().stream().anyMatch(Effect.TokenRefused.class::isInstance)) {
				return expect(CLAIMING_TOKEN_REFUSED, from, step, Yielding.class, Effect.TokenRefused.class,
						Request.Release.class);
			}
			return expect((from.goal().kind() != Goal.Kind.COMPETE) ? CLAIMING_HELD_NOT_WANTED : CLAIMING_HELD_TOO_LATE,
					from, step, Yielding.class, Request.Release.class);
		}
		if (step.next() instanceof Waiting) {
			return (answer == null || answer instanceof Answer.Unknown)
					? expect(CLAIMING_UNKNOWN, from, step, Waiting.class, Request.Look.class)
					: expect((answer instanceof Answer.Busy) ? CLAIMING_BUSY : CLAIMING_REFUSED, from, step,
							Waiting.class);
		}
		if (step.next() instanceof Stopped) {
			return expect(
					(answer == null) ? CLAIMING_STOPS_UNANSWERED
							: (answer instanceof Answer.Unknown) ? CLAIMING_STOPS_UNKNOWN : CLAIMING_STOPS_REFUSED,
					from, step, Stopped.class, Effect.Stopped.class);
		}
		return expect(STAYS, from, step, Claiming.class);
	}

	private static Transition ofLeading(Standing from, Input input, Step step) {
		Answer answer = (input instanceof Input.Answered answered && answered.request() instanceof Request.Renew)
				? answered.answer() : null;
		if (step.next() instanceof Yielding) {
			return expect(end(step, answer), from, step, Yielding.class, Effect.Revoked.class);
		}
		if (answer instanceof Answer.Refused && step.next() instanceof Leading leading
				&& leading.lease().revision() > ((Leading) from).lease().revision()) {
			// The renewal may also still be under way, or follow soon
			return expect(LEADING_OWN_WRITE_SEEN, from, step, Leading.class,
					step.effects().isEmpty() ? new Class<?>[0] : new Class<?>[] { Request.Renew.class });
		}
		if (step.effects().stream().anyMatch(Effect.Send.class::isInstance)) {
			return expect(LEADING_RENEWS, from, step, Leading.class, Request.Renew.class);
		}
		return expect((answer instanceof Answer.Held) ? LEADING_RENEWED : STAYS, from, step, Leading.class);
	}

	private static Transition end(Step step, @Nullable Answer answer) {
		Reason reason = step.effects()
			.stream()
			.filter(Effect.Revoked.class::isInstance)
			.map((revoked) -> ((Effect.Revoked) revoked).reason())
			.findFirst()
			.orElseThrow();
		return switch (reason) {
			case EXPIRED -> LEADING_EXPIRED;
			case RESIGNED -> LEADING_RESIGNS;
			case PAUSED, UNHEALTHY -> LEADING_PAUSES;
			case STOPPED -> LEADING_STOPS;
			case LOST -> {
				LeaseRecord record = ((Answer.Refused) answer).record();
				yield (record instanceof LeaseRecord.Held) ? LEADING_LOST_TO_ANOTHER
						: (record instanceof LeaseRecord.Vacant) ? LEADING_LOST_VACANT : LEADING_LOST_GONE;
			}
		};
	}

	private static Transition ofYielding(Standing from, Input input, Step step) {
		boolean released = input instanceof Input.Answered answered && answered.answer() instanceof Answer.Released
				&& answered.request().askedAt() == ((Yielding) from).askedAt();
		if (step.next() instanceof Waiting waiting) {
			if (released && waiting.goal().kind() == Goal.Kind.ASIDE && !((Yielding) from).hinted()) {
				return expect(YIELDING_LETS_OTHERS_IN, from, step, Waiting.class);
			}
			return expect(released ? YIELDING_RELEASED : YIELDING_RAN_OUT, from, step, Waiting.class,
					Request.Look.class);
		}
		if (input instanceof Input.ListenersFailed && ((Yielding) from).listening()
				&& step.next() instanceof Yielding) {
			return expect(YIELDING_LETS_RUN_OUT, from, step, Yielding.class);
		}
		if (step.next() instanceof Stopped) {
			Yielding yielding = (Yielding) from;
			if (input instanceof Input.ListenersFailed) {
				return expect(YIELDING_STOPS_FAILED, from, step, Stopped.class, Effect.Stopped.class);
			}
			Transition end = (yielding.stopBy() < yielding.releaseBy() || yielding.listening())
					? YIELDING_STOPS_TIMED_OUT : YIELDING_STOPS_RAN_OUT;
			return expect(released ? YIELDING_STOPS_RELEASED : end, from, step, Stopped.class, Effect.Stopped.class);
		}
		return step.effects().stream().anyMatch(Effect.Send.class::isInstance)
				? expect(YIELDING_RELEASES, from, step, Yielding.class, Request.Release.class)
				: expect(STAYS, from, step, Yielding.class);
	}

	private static Transition expect(Transition row, @Nullable Standing from, Step step, Class<? extends Standing> to,
			Class<?>... effects) {
		List<? extends Class<?>> actual = step.effects()
			.stream()
			.filter((effect) -> !(effect instanceof Effect.LeaderChanged || effect instanceof Effect.WritesLost))
			.map((effect) -> (effect instanceof Effect.Send send) ? send.request().getClass() : effect.getClass())
			.toList();
		if (!to.isInstance(step.next()) || !actual.equals(List.of(effects))) {
			throw new IllegalStateException(
					row + " may not lead from " + from + " to " + step.next() + " with " + step.effects());
		}
		return row;
	}

}
