package io.election.actuate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.LeaderElections;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * {@link HealthIndicator} for elections. They are up for whoever leads and for whoever
 * waits, down if one of them cannot go on, and unknown if none has started.
 */
public class ElectionHealthIndicator extends AbstractHealthIndicator {

	/**
	 * The status of an application is the first of these that one of its elections has.
	 */
	private static final List<Status> SEVERITY = List.of(Status.DOWN, Status.UP);

	private final LeaderElections elections;

	private final ElectionReports reports;

	private final Clock clock;

	/**
	 * Creates the indicator.
	 * @param elections the elections of the application
	 * @param reports how they go
	 * @param clock the wall clock that instants in reports are of
	 */
	public ElectionHealthIndicator(LeaderElections elections, ElectionReports reports, Clock clock) {
		super("Health check of elections failed");
		this.elections = elections;
		this.reports = reports;
		this.clock = clock;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		Set<Status> statuses = new HashSet<>();
		Map<String, Object> details = new LinkedHashMap<>();
		for (String name : this.elections.names()) {
			ElectionReport report = find(name);
			if (report != null) {
				details.put(name, details(report));
				statuses.add(status(report));
			}
		}
		builder.status(SEVERITY.stream().filter(statuses::contains).findFirst().orElse(Status.UNKNOWN))
			.withDetail("backend", this.reports.backend())
			.withDetail("elections", details);
	}

	private @Nullable ElectionReport find(String name) {
		try {
			return this.reports.report(name);
		}
		catch (IllegalArgumentException ex) {
			// The application has just left the election
			return null;
		}
	}

	private Map<String, Object> details(ElectionReport report) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("state", report.state());
		if (report.leader() != null) {
			details.put("leader", report.leader().candidateId());
		}
		if (report.lastError() != null) {
			details.put("error", report.lastError());
		}
		if (!report.warnings().isEmpty()) {
			details.put("warnings", report.warnings());
		}
		return details;
	}

	private Status status(ElectionReport report) {
		if (hasFailedForLong(report) || isOverdue(report)) {
			return Status.DOWN;
		}
		return (report.state() != ElectionState.UNKNOWN) ? Status.UP : Status.UNKNOWN;
	}

	/**
	 * Shorter outages are what leases are for. Errors without a beginning do not pass.
	 */
	private boolean hasFailedForLong(ElectionReport report) {
		Instant since = report.lastErrorAt();
		return report.lastError() != null && (since == null || isOver(since, report.leaseDuration()));
	}

	/** Leadership has run out, and the elections' own thread has not noticed. */
	private boolean isOverdue(ElectionReport report) {
		List<ElectionReport.Transition> transitions = report.transitions();
		if (transitions.isEmpty() || report.state() == ElectionState.LEADER) {
			return false;
		}
		ElectionReport.Transition last = transitions.get(transitions.size() - 1);
		return last.to() == ElectionState.LEADER && isOver(last.at(), report.renewDeadline());
	}

	private boolean isOver(Instant since, Duration limit) {
		return since.plus(limit).isBefore(this.clock.instant());
	}

}
