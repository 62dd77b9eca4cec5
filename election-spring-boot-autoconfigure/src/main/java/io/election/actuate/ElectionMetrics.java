package io.election.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import io.election.ElectionEvent;
import io.election.ElectionObserver;
import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.LeaderChangedEvent;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Measures elections. Every meter has the tag {@code election}, and none has a tag for
 * candidates or tokens.
 */
public class ElectionMetrics implements ElectionObserver {

	private static final double NANOS_PER_SECOND = 1e9;

	private final MeterRegistry registry;

	private final Supplier<ElectionReports> reports;

	/** Since when nobody is known to lead, on this process's clock, by election. */
	private final Map<String, Long> vacantSince = new ConcurrentHashMap<>();

	/**
	 * Creates metrics.
	 * @param registry where the meters are
	 * @param reports how elections go; asked when there are elections
	 */
	public ElectionMetrics(MeterRegistry registry, Supplier<ElectionReports> reports) {
		this.registry = registry;
		this.reports = reports;
	}

	@Override
	public void joined(String election) {
		gauge(election, "election.leader", "Whether this process leads: 1 or 0",
				(report) -> (report.leadership() != null) ? 1 : 0);
		gauge(election, "election.lease.remaining",
				"For how many seconds this process leads without another renewal, 0 if it does not",
				(report) -> seconds(report.validFor()));
	}

	@Override
	public void left(String election) {
		this.vacantSince.remove(election);
		for (String gauge : List.of("election.leader", "election.lease.remaining")) {
			this.registry.find(gauge).tags("election", election).gauges().forEach(this.registry::remove);
		}
	}

	@Override
	public void attempted(String election, Attempt attempt, Outcome outcome, Duration took) {
		Tags tags = Tags.of("election", election, "outcome", text(outcome));
		this.registry.counter("election.attempts", tags.and("attempt", text(attempt))).increment();
		if (attempt == Attempt.RENEW) {
			Timer.builder("election.renew")
				.description("Renewals of leases")
				.tags(tags)
				.register(this.registry)
				.record(took);
		}
	}

	@Override
	public void hinted(String election) {
		this.registry.counter("election.hints", "election", election).increment();
	}

	@Override
	public void listened(ElectionEvent event, Duration took, boolean failed) {
		String election = event.getElection();
		String kind = (event instanceof LeadershipGrantedEvent) ? "granted"
				: (event instanceof LeadershipRevokedEvent) ? "revoked" : "leader-changed";
		Timer.builder("election.listeners")
			.description("Listeners of events, all of one event together")
			.tags("election", election, "event", kind, "failed", String.valueOf(failed))
			.register(this.registry)
			.record(took);
		if (event instanceof LeadershipGrantedEvent) {
			transition(election, "granted");
		}
		else if (event instanceof LeadershipRevokedEvent revoked) {
			transition(election, text(revoked.getReason()));
		}
		else if (event instanceof LeaderChangedEvent changed) {
			leaderChanged(election, changed.getCurrent().isPresent());
		}
	}

	private void transition(String election, String reason) {
		this.registry.counter("election.transitions", "election", election, "reason", reason).increment();
	}

	private void leaderChanged(String election, boolean led) {
		if (!led) {
			this.vacantSince.putIfAbsent(election, now());
			return;
		}
		Long since = this.vacantSince.remove(election);
		if (since != null) {
			Timer.builder("election.failover")
				.description("Times in which this process knew of no leader")
				.tags("election", election)
				.register(this.registry)
				.record(Duration.ofNanos(now() - since));
		}
	}

	private void gauge(String election, String name, String description, ToDoubleFunction<ElectionReport> value) {
		Gauge.builder(name, this.reports.get(), (current) -> read(current, election, value))
			.description(description)
			.tags("election", election)
			.register(this.registry);
	}

	private static double seconds(@Nullable Duration duration) {
		return (duration != null) ? duration.toNanos() / NANOS_PER_SECOND : 0;
	}

	private static double read(ElectionReports reports, String election, ToDoubleFunction<ElectionReport> value) {
		try {
			return value.applyAsDouble(reports.report(election));
		}
		catch (IllegalArgumentException ex) {
			return Double.NaN; // the application has left the election
		}
	}

	private long now() {
		return this.registry.config().clock().monotonicTime();
	}

	private static String text(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT);
	}

}
