package io.election.actuate;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import io.election.ElectionEvent;
import io.election.ElectionObserver;
import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * Measures elections. Every meter has the tag {@code election}, and none has a tag for
 * candidates or tokens.
 */
public class ElectionMetrics implements ElectionObserver {

	private static final double NANOS_PER_SECOND = 1e9;

	private static final String GRANTED = "granted";

	private static final String REVOKED = "revoked";

	private static final String LEADER_CHANGED = "leader-changed";

	private static final Map<Attempt, Set<Outcome>> OUTCOMES = Map.of(Attempt.ACQUIRE,
			EnumSet.of(Outcome.HELD, Outcome.REFUSED, Outcome.BUSY, Outcome.UNKNOWN), Attempt.RENEW,
			EnumSet.of(Outcome.HELD, Outcome.REFUSED, Outcome.UNKNOWN), Attempt.RELEASE,
			EnumSet.of(Outcome.RELEASED, Outcome.UNKNOWN));

	private final MeterRegistry registry;

	private final Supplier<ElectionReports> reports;

	/** The events whose listeners have not returned. */
	private final Map<ElectionEvent, LongTaskTimer.Sample> active = new ConcurrentHashMap<>();

	/** By election. */
	private final Map<String, List<Meter>> gauges = new ConcurrentHashMap<>();

	/**
	 * Creates metrics.
	 * @param registry where the meters are
	 * @param reports how elections go; asked for when there are elections
	 */
	public ElectionMetrics(MeterRegistry registry, Supplier<ElectionReports> reports) {
		this.registry = registry;
		this.reports = SingletonSupplier.of(reports);
	}

	/** Counters begin with 0: their first increment is seen only then. */
	@Override
	public void joined(String election) {
		Meter leader = gauge(election, "election.leader", "Whether this process leads: 1 or 0", null,
				(report) -> (report.leadership() != null) ? 1 : 0);
		Meter remaining = gauge(election, "election.lease.remaining",
				"How long this process leads without another renewal, 0 if it does not", "seconds",
				(report) -> seconds(report.validFor()));
		Meter retryPeriod = gauge(election, "election.retry.period",
				"The time between two renewals, each of which has to take less", "seconds",
				(report) -> seconds(report.retryPeriod()));
		this.gauges.put(election, List.of(leader, remaining, retryPeriod));
		transitions(election, GRANTED);
		for (RevocationReason reason : RevocationReason.values()) {
			transitions(election, text(reason));
		}
		OUTCOMES.forEach((attempt, outcomes) -> outcomes.forEach((outcome) -> attempts(election, attempt, outcome)));
		for (String event : List.of(GRANTED, REVOKED, LEADER_CHANGED)) {
			listeners(election, event, false);
			listeners(election, event, true);
			activeListeners(election, event);
		}
		hints(election);
	}

	/** Keeps what was counted: the application may join again, or be about to end. */
	@Override
	public void left(String election) {
		// Whose end may not be told any more
		this.active.entrySet().removeIf((listening) -> {
			boolean ended = listening.getKey().getElection().equals(election);
			if (ended) {
				listening.getValue().stop();
			}
			return ended;
		});
		this.gauges.getOrDefault(election, List.of()).forEach(this.registry::remove);
	}

	@Override
	public void attempted(String election, Attempt attempt, Outcome outcome, Duration took) {
		attempts(election, attempt, outcome).increment();
		if (attempt == Attempt.RENEW) {
			Timer.builder("election.renew")
				.description("Renewals of leases, a wait for other requests included")
				.tags("election", election, "outcome", text(outcome))
				.register(this.registry)
				.record(took);
		}
	}

	@Override
	public void hinted(String election) {
		hints(election).increment();
	}

	@Override
	public void leaderFound(String election, Duration vacancy) {
		Timer.builder("election.failover")
			.description("Times in which this process knew of no leader")
			.tags("election", election)
			.register(this.registry)
			.record(vacancy);
	}

	@Override
	public void listening(ElectionEvent event) {
		this.active.put(event, activeListeners(event.getElection(), kind(event)).start());
	}

	@Override
	public void listened(ElectionEvent event, Duration took, boolean failed) {
		String election = event.getElection();
		LongTaskTimer.Sample sample = this.active.remove(event);
		if (sample != null) {
			sample.stop();
		}
		if (event instanceof LeadershipGrantedEvent) {
			transitions(election, GRANTED).increment();
		}
		else if (event instanceof LeadershipRevokedEvent revoked) {
			transitions(election, text(revoked.getReason())).increment();
		}
		listeners(election, kind(event), failed).record(took);
	}

	private static String kind(ElectionEvent event) {
		if (event instanceof LeadershipGrantedEvent) {
			return GRANTED;
		}
		return (event instanceof LeadershipRevokedEvent) ? REVOKED : LEADER_CHANGED;
	}

	private LongTaskTimer activeListeners(String election, String event) {
		return LongTaskTimer.builder("election.listeners.active")
			.description("Listeners of events that have not returned")
			.tags("election", election, "event", event)
			.register(this.registry);
	}

	private Timer listeners(String election, String event, boolean failed) {
		return Timer.builder("election.listeners")
			.description("Listeners of events, all of one event together")
			.tags("election", election, "event", event, "failed", String.valueOf(failed))
			.register(this.registry);
	}

	private Counter transitions(String election, String reason) {
		return Counter.builder("election.transitions")
			.description("Terms that began or ended, once listeners were told")
			.tags("election", election, "reason", reason)
			.register(this.registry);
	}

	private Counter attempts(String election, Attempt attempt, Outcome outcome) {
		return Counter.builder("election.attempts")
			.description("Requests to the backend")
			.tags("election", election, "attempt", text(attempt), "outcome", text(outcome))
			.register(this.registry);
	}

	private Counter hints(String election) {
		return Counter.builder("election.hints")
			.description("Hints from the backend that a record may have changed")
			.tags("election", election)
			.register(this.registry);
	}

	private Meter gauge(String election, String name, String description, @Nullable String unit,
			ToDoubleFunction<ElectionReport> value) {
		return Gauge.builder(name, this.reports.get(), (current) -> read(current, election, value))
			.description(description)
			.baseUnit(unit)
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

	private static String text(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT);
	}

}
