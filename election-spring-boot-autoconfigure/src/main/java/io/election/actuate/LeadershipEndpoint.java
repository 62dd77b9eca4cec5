package io.election.actuate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.LeaderElections;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;

/**
 * {@link Endpoint @Endpoint} that shows how the elections of the application go. In JSON,
 * durations and instants are ISO-8601 texts, and what is {@code null} is left out.
 */
@Endpoint(id = "leadership", defaultAccess = Access.READ_ONLY)
public class LeadershipEndpoint {

	/** Each costs a request to the backend. */
	private static final int MOST_ROSTERS = 100;

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
