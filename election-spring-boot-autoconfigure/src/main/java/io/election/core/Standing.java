package io.election.core;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Where one candidate of one election stands: an immutable value, changed by inputs only,
 * each of which returns the next standing and what is to be done.
 * <p>
 * {@code timing} is the candidate's, {@code now} the reading of its monotonic clock when
 * the input is handled. The driver hands in one input at a time, publishes the next
 * standing, then carries out the effects. {@link #tick} is due at {@link #wakeAt}.
 * <p>
 * Every transition: <pre>
 * from      input                                     to        effects
 * --------- ----------------------------------------- --------- -------------------------
 * (none)    join                                      Waiting   Look
 * Waiting   the lease seen ran out, was given back,   Claiming  Acquire
 *           never was, or is a former one of our own
 * Waiting   its time has come, hint                   Waiting   Look
 * Waiting   hint that the lease was given back        Claiming  Acquire
 * Waiting   own record seen while not competing       Yielding  Release
 * Waiting   stop                                      Stopped   Stopped
 * Claiming  held, before its deadline                 Leading   Granted
 * Claiming  held, too late or no longer wanted        Yielding  Release
 * Claiming  held, but the token is not a new highest  Yielding  TokenRefused, Release
 *           or is below the candidate's first
 * Claiming  refused, busy, unknown                    Waiting   (unknown: Look)
 * Claiming  unknown, refused or no answer after stop  Stopped   Stopped
 * Leading   its time has come                         Leading   Renew
 * Leading   held                                      Leading   (deadline moves)
 * Leading   own record seen, but of a later write     Leading   Renew (deadline stays)
 * Leading   deadline passed, at whatever input        Yielding  Revoked(EXPIRED)
 * Leading   record of another, vacant or gone         Yielding  Revoked(LOST)
 * Leading   resign, pause, stop                       Yielding  Revoked(that)
 * Yielding  listeners have finished                   Yielding  Release
 * Yielding  listeners have failed                     Yielding  (the lease runs out)
 * Yielding  released, or the lease ran out            Waiting   Look (aside: later)
 * Yielding  the same, stop-timeout or a failed        Stopped   Stopped
 *           listener, after stop
 * Stopped   anything                                  Stopped   (stop: Stopped)
 * </pre> {@link Effect.WritesLost} comes before all that where an answer shows that the
 * store has lost writes. A request that is not answered by {@link Timing#unansweredAt} is
 * one without a known outcome, in every standing; what its answer says after that is no
 * more than what a late answer says. {@link Effect.LeaderChanged} follows wherever
 * {@link #leader} differs between the two, unless the candidate is gone. Pausing and
 * standing aside are goals of a standing, not standings of their own: a candidate may be
 * paused while its claim is still on its way.
 */
public sealed interface Standing permits Waiting, Claiming, Leading, Yielding, Stopped {

	/** Takes part in an election; {@code highestTerm} is the highest token ever seen. */
	static Step join(Self self, long highestTerm, Timing timing, long now) {
		Waiting waiting = Waiting.lookingAtOnce(self, Observation.none(highestTerm, now), Goal.COMPETE, now);
		return waiting.tick(timing, now);
	}

	/** The candidate itself. */
	Self self();

	/** Who leads, as far as is known; {@code null} if nobody is known to. */
	@Nullable Incumbent leader();

	/** What the candidate is after. */
	Goal goal();

	/** The highest fencing token seen. */
	long highestTerm();

	/** When {@link #tick} is due, {@link Timing#NEVER} if never. */
	long wakeAt(Timing timing);

	/** Time has passed. */
	Step tick(Timing timing, long now);

	/**
	 * The record may have changed; decides nothing, causes an earlier look or claim.
	 * {@code vacated} is the record as it is said to be now, {@code null} if nothing is
	 * said about it.
	 */
	Step hint(Timing timing, long now, LeaseRecord.@Nullable Vacant vacated);

	/**
	 * The store has answered. Answers may be late, repeated and out of order.
	 * @throws IllegalArgumentException if the answer does not belong to such a request
	 */
	Step answered(Timing timing, long now, Request request, Answer answer);

	/** All listeners of the end of the given term have finished. */
	Step listenersFinished(Timing timing, long now, long term);

	/**
	 * The same, but one of them has failed: what it was to end may still go on, so the
	 * lease is not given back.
	 */
	Step listenersFailed(Timing timing, long now, long term);

	/** Step down, and let others in for the given time. */
	Step resign(Timing timing, long now, Duration standAside);

	/** Step down if leading, for the given reason, and stop competing. */
	Step pause(Timing timing, long now, Reason reason);

	/** Compete again after a pause. */
	Step resume(Timing timing, long now);

	/** Step down if leading and be gone, after the given time at the latest. */
	Step stop(Timing timing, long now, Duration timeout);

	/** Refuses an answer that no store may give to the request. */
	static IllegalArgumentException mismatch(Request request, Answer answer) {
		return new IllegalArgumentException(answer + " is no answer to " + request);
	}

}
