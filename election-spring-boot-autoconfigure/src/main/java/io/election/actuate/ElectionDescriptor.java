package io.election.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.election.Candidate;
import io.election.ElectionReport;
import io.election.ElectionState;
import io.election.Leader;
import io.election.Leadership;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * An election as {@link LeadershipEndpoint} shows it.
 *
 * @param name its name
 * @param candidateId the label of this candidate
 * @param backend the backend in use, as in {@code election.backend}
 * @param state where this candidate stands
 * @param leader who leads as last observed, {@code null} if nobody is known to
 * @param leadership this candidate's own term, {@code null} if it does not lead
 * @param timing the three numbers in force
 * @param candidates who takes part, {@code null} if the backend was not asked
 * @param lastRenewal the latest renewal of this candidate's lease, {@code null} if there
 * was none
 * @param lastError what the backend fails with, {@code null} if it answers
 * @param warnings what needs attention although the election goes on
 * @param transitions the latest changes of state, the newest last; at most 32
 */
public record ElectionDescriptor(String name, String candidateId, String backend, ElectionState state,
		@Nullable Leader leader, @Nullable Term leadership, Timing timing, @Nullable List<Candidate> candidates,
		@Nullable Renewal lastRenewal, @Nullable Failure lastError, List<String> warnings,
		List<ElectionReport.Transition> transitions) implements OperationResponseBody {

	static ElectionDescriptor of(ElectionReport report, String backend, @Nullable List<Candidate> candidates) {
		return new ElectionDescriptor(report.election(), report.candidateId(), backend, report.state(), report.leader(),
				Term.of(report.leadership(), report.validFor()),
				new Timing(report.leaseDuration(), report.renewDeadline(), report.retryPeriod()), candidates,
				Renewal.of(report.lastRenewal(), report.lastRenewalTook()),
				Failure.of(report.lastError(), report.lastErrorAt()), report.warnings(), report.transitions());
	}

	/**
	 * A term of this candidate's own.
	 *
	 * @param fencingToken its token
	 * @param grantedAt when it began, by this machine's wall clock
	 * @param validFor how long it lasts without another renewal
	 */
	public record Term(long fencingToken, Instant grantedAt, Duration validFor) {

		static @Nullable Term of(@Nullable Leadership leadership, @Nullable Duration validFor) {
			return (leadership != null && validFor != null)
					? new Term(leadership.fencingToken(), leadership.grantedAt(), validFor) : null;
		}

	}

	/**
	 * The three numbers.
	 *
	 * @param leaseDuration how long nobody else is let in after the last renewal
	 * @param renewDeadline how long a leader that cannot renew still leads
	 * @param retryPeriod the time between two renewals
	 */
	public record Timing(Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
	}

	/**
	 * A renewal.
	 *
	 * @param at when the lease was renewed, by this machine's wall clock
	 * @param took how long the backend took for it
	 */
	public record Renewal(Instant at, Duration took) {

		static @Nullable Renewal of(@Nullable Instant at, @Nullable Duration took) {
			return (at != null && took != null) ? new Renewal(at, took) : null;
		}

	}

	/**
	 * What the backend fails with.
	 *
	 * @param message the latest error
	 * @param since when the first of the errors came since it last answered, {@code null}
	 * if it answers but cannot be used for this election
	 */
	public record Failure(String message, @Nullable Instant since) {

		static @Nullable Failure of(@Nullable String message, @Nullable Instant since) {
			return (message != null) ? new Failure(message, since) : null;
		}

	}

}
