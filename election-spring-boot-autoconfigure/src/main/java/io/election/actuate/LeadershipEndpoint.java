package io.election.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.actuate.ActionDescriptor.Outcome;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.convert.DurationStyle;

/**
 * {@link Endpoint @Endpoint} that shows how the elections of the application go, and
 * steers this candidate where {@code management.endpoint.leadership.access} is
 * {@code unrestricted}. In JSON, durations and instants are ISO-8601 texts, and what is
 * {@code null} is left out.
 */
@Endpoint(id = "leadership", defaultAccess = Access.READ_ONLY)
public class LeadershipEndpoint {

	/** Each costs a request to the backend. */
	private static final int MOST_ROSTERS = 100;

	private static final String RESIGN = "resign";

	private static final String PAUSE = "pause";

	private static final String RESUME = "resume";

	private final LeaderElections elections;

	private final ElectionReports reports;

	/**
	 * Creates the endpoint.
	 * @param elections the elections of the application
	 * @param reports how they go
	 */
	public LeadershipEndpoint(LeaderElections elections, ElectionReports reports) {
		this.elections = elections;
		this.reports = reports;
	}

	/**
	 * Describes all elections.
	 * @return the elections by name; without candidates if there are more than 100
	 */
	@ReadOperation
	public LeadershipDescriptor leadership() {
		Set<String> names = this.elections.names();
		Map<String, ElectionDescriptor> descriptors = new LinkedHashMap<>();
		String candidateId = null;
		for (String name : names) {
			ElectionDescriptor descriptor = describe(name, names.size() <= MOST_ROSTERS);
			if (descriptor != null) {
				descriptors.put(name, descriptor);
				candidateId = descriptor.candidateId();
			}
		}
		return new LeadershipDescriptor(candidateId, this.reports.backend(), descriptors);
	}

	/**
	 * Describes one election.
	 * @param election its name, in parts where it contains slashes
	 * @return the election, {@code null} if the application does not take part in it
	 */
	@ReadOperation
	public @Nullable ElectionDescriptor election(@Selector(match = Match.ALL_REMAINING) String... election) {
		return describe(String.join("/", election), true);
	}

	/**
	 * Has this candidate step down, or compete again.
	 * @param election the name of the election, in parts where it contains slashes
	 * @param action {@code resign}, {@code pause} or {@code resume}
	 * @param standAside for how long others are let in after {@code resign}, such as
	 * {@code 30s}; {@code null} for the lease duration
	 * @return what became of it
	 * @see LeaderElection#resign(Duration)
	 */
	@WriteOperation
	public ActionDescriptor act(@Selector(match = Match.ALL_REMAINING) String[] election, @Nullable String action,
			@Nullable String standAside) {
		String name = String.join("/", election);
		if (!this.elections.names().contains(name)) {
			return unknown(name, action);
		}
		return act(this.elections.get(name), action, standAside);
	}

	static ActionDescriptor unknown(String election, @Nullable String action) {
		return new ActionDescriptor(election, action, Outcome.UNKNOWN_ELECTION,
				"This application takes no part in such an election");
	}

	private static ActionDescriptor act(LeaderElection candidate, @Nullable String action,
			@Nullable String standAside) {
		if (standAside != null && !RESIGN.equals(action)) {
			return result(candidate, action, Outcome.INVALID, "standAside is for the action resign only");
		}
		if (RESIGN.equals(action)) {
			return resign(candidate, standAside);
		}
		if (PAUSE.equals(action)) {
			candidate.pause();
			return result(candidate, action, Outcome.ACCEPTED, "%s does not compete before it resumes");
		}
		if (RESUME.equals(action)) {
			candidate.resume();
			return result(candidate, action, Outcome.ACCEPTED, (candidate.state() != ElectionState.PAUSED)
					? "%s competes" : "%s competes as soon as election.require is met");
		}
		return result(candidate, action, Outcome.INVALID, "action must be resign, pause or resume");
	}

	private static ActionDescriptor resign(LeaderElection candidate, @Nullable String standAside) {
		if (!candidate.isLeader()) {
			return result(candidate, RESIGN, Outcome.NOT_LEADER, "%s does not lead");
		}
		if (standAside == null) {
			candidate.resign();
		}
		else {
			try {
				candidate.resign(DurationStyle.detectAndParse(standAside));
			}
			catch (IllegalArgumentException ex) {
				return result(candidate, RESIGN, Outcome.INVALID,
						"standAside must be a duration between 0s and 1d, such as 30s");
			}
		}
		return result(candidate, RESIGN, Outcome.ACCEPTED, "%s resigns");
	}

	private static ActionDescriptor result(LeaderElection candidate, @Nullable String action, Outcome outcome,
			String message) {
		return new ActionDescriptor(candidate.name(), action, outcome, message.formatted(candidate.candidateId()));
	}

	private @Nullable ElectionDescriptor describe(String name, boolean withCandidates) {
		try {
			ElectionReport report = this.reports.report(name);
			// A backend that fails would have every election wait for its answer
			boolean readCandidates = withCandidates && report.lastError() == null;
			return ElectionDescriptor.of(report, this.reports.backend(),
					readCandidates ? this.elections.get(name).candidates() : null);
		}
		catch (IllegalArgumentException ex) {
			// The application does not take part, or has just left
			return null;
		}
	}

	/**
	 * The elections of the application.
	 *
	 * @param candidateId the label of this application as a candidate, {@code null} if it
	 * takes part in no election
	 * @param backend the backend in use, as in {@code election.backend}
	 * @param elections the elections by name
	 */
	public record LeadershipDescriptor(@Nullable String candidateId, String backend,
			Map<String, ElectionDescriptor> elections) implements OperationResponseBody {
	}

}
