package io.election;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How an election goes, as seen by this candidate.
 *
 * @param election the name of the election
 * @param candidateId the label of this candidate
 * @param state where this candidate stands
 * @param leader who leads as last observed, {@code null} if nobody is known to
 * @param leadership this candidate's own term, {@code null} if it does not lead
 * @param validFor how long the own term lasts without another renewal, {@code null} if
 * this candidate does not lead
 * @param leaseDuration the lease duration in force
 * @param renewDeadline the renew deadline in force
 * @param retryPeriod the retry period in force
 * @param lastRenewal when the lease was last granted or renewed, {@code null} if never
 * @param lastRenewalTook how long that took, {@code null} if never
 * @param lastError what the backend last failed with, {@code null} if it answered since;
 * or why this candidate cannot compete, such as a listener that does not return
 * @param lastErrorAt when the first of the failures in a row came, {@code null} if the
 * error is none of the backend's answers failing
 * @param warnings what needs attention although the election goes on, such as a list of
 * candidates that cannot be read; whole sentences, empty if there is nothing
 * @param transitions the latest changes of state, the newest last; at most 32
 */
public record ElectionReport(String election, String candidateId, ElectionState state, @Nullable Leader leader,
		@Nullable Leadership leadership, @Nullable Duration validFor, Duration leaseDuration, Duration renewDeadline,
		Duration retryPeriod, @Nullable Instant lastRenewal, @Nullable Duration lastRenewalTook,
		@Nullable String lastError, @Nullable Instant lastErrorAt, List<String> warnings,
		List<Transition> transitions) {

	/**
	 * A change of state.
	 *
	 * @param at when, by this machine's wall clock
	 * @param from the state before
	 * @param to the state after
	 * @param fencingToken the token of the term that began or ended, 0 if none did
	 * @param reason why
	 */
	public record Transition(Instant at, ElectionState from, ElectionState to, long fencingToken, String reason) {
	}

}
