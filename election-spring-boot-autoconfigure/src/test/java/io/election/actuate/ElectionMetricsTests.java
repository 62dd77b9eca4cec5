package io.election.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.election.ElectionObserver.Attempt;
import io.election.ElectionObserver.Outcome;
import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ElectionMetrics}.
 */
class ElectionMetricsTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static final Leadership TERM = new Leadership("billing", "blue", 7, Instant.EPOCH);

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private final ElectionReports reports = mock(ElectionReports.class);

	private final LeaderElection election = mock(LeaderElection.class);

	private final ElectionMetrics metrics = new ElectionMetrics(this.registry, () -> this.reports);

	ElectionMetricsTests() {
		given(this.election.name()).willReturn("billing");
	}

	@Test
	void attemptsAreCountedByOutcomeAndRenewalsAreTimed() {
		this.metrics.attempted("billing", Attempt.ACQUIRE, Outcome.REFUSED, SECOND);
		this.metrics.attempted("billing", Attempt.RENEW, Outcome.HELD, SECOND);
		this.metrics.attempted("billing", Attempt.RENEW, Outcome.HELD, SECOND);
		assertThat(this.registry.get("election.attempts")
			.tags("election", "billing", "attempt", "acquire", "outcome", "refused")
			.counter()
			.count()).isEqualTo(1);
		assertThat(this.registry.get("election.attempts").tags("attempt", "renew", "outcome", "held").counter().count())
			.isEqualTo(2);
		assertThat(this.registry.get("election.renew").tags("election", "billing", "outcome", "held").timer().count())
			.isEqualTo(2);
	}

	@Test
	void gaugesTellWhoLeadsAndForHowLong() {
		given(this.reports.report("billing")).willReturn(report(TERM, Duration.ofMillis(2500)))
			.willReturn(report(TERM, Duration.ofMillis(2500)))
			.willReturn(report(null, null))
			.willReturn(report(null, null))
			.willThrow(new IllegalArgumentException("left"));
		this.metrics.joined("billing");
		assertThat(gauge("election.leader")).isEqualTo(1);
		assertThat(gauge("election.lease.remaining")).isEqualTo(2.5);
		assertThat(gauge("election.leader")).isZero();
		assertThat(gauge("election.lease.remaining")).isZero();
		assertThat(gauge("election.leader")).isNaN();
	}

	@Test
	void aGaugeTellsWhatRenewalsAreToBeComparedWith() {
		given(this.reports.report("billing")).willReturn(report(null, null));
		this.metrics.joined("billing");
		assertThat(gauge("election.retry.period")).isEqualTo(1);
	}

	@Test
	void gaugesOfElectionsThatWereLeftAreGone() {
		this.metrics.joined("billing");
		this.metrics.joined("other");
		this.metrics.left("billing");
		this.metrics.left("never joined");
		assertThat(this.registry.getMeters()).filteredOn(Gauge.class::isInstance)
			.hasSize(3)
			.allMatch((meter) -> "other".equals(meter.getId().getTag("election")));
		assertThat(this.registry.find("election.hints").tags("election", "billing").counter()).isNotNull();
	}

	@Test
	void eventsAreTransitionsWhoseListenersAreTimed() {
		this.metrics.listened(new LeadershipGrantedEvent(this.election, TERM), SECOND, true);
		this.metrics.listened(new LeadershipRevokedEvent(this.election, TERM, RevocationReason.LOST), SECOND, false);
		assertThat(this.registry.get("election.transitions").tags("reason", "granted").counter().count()).isEqualTo(1);
		assertThat(this.registry.get("election.transitions").tags("reason", "lost").counter().count()).isEqualTo(1);
		assertThat(this.registry.get("election.listeners").tags("event", "granted", "failed", "true").timer().count())
			.isEqualTo(1);
		assertThat(this.registry.get("election.listeners").tags("event", "revoked", "failed", "false").timer().count())
			.isEqualTo(1);
	}

	@Test
	void listenersThatFailAreCountedFromZero() {
		this.metrics.joined("billing");
		for (String event : List.of("granted", "revoked", "leader-changed")) {
			assertThat(this.registry.get("election.listeners").tags("event", event, "failed", "true").timer().count())
				.isZero();
		}
	}

	@Test
	void listenersThatHaveNotReturnedAreActive() {
		this.metrics.joined("billing");
		LongTaskTimer active = this.registry.get("election.listeners.active")
			.tags("election", "billing", "event", "granted")
			.longTaskTimer();
		LeadershipGrantedEvent event = new LeadershipGrantedEvent(this.election, TERM);
		assertThat(active.activeTasks()).isZero();
		this.metrics.listening(event);
		assertThat(active.activeTasks()).isOne();
		this.metrics.listened(event, SECOND, false);
		assertThat(active.activeTasks()).isZero();
		this.metrics.listening(event);
		this.metrics.left("billing");
		assertThat(active.activeTasks()).as("nobody may tell of their end any more").isZero();
	}

	@Test
	void timesWithoutALeaderAreTimed() {
		this.metrics.leaderFound("billing", Duration.ofSeconds(3));
		assertThat(
				this.registry.get("election.failover").tags("election", "billing").timer().totalTime(TimeUnit.SECONDS))
			.isEqualTo(3);
	}

	@Test
	void countersBeginWithZero() {
		this.metrics.joined("billing");
		for (String reason : List.of("granted", "resigned", "stopped", "expired", "lost", "paused", "unhealthy")) {
			assertThat(this.registry.get("election.transitions").tags("reason", reason).counter().count()).isZero();
		}
		assertThat(
				this.registry.get("election.attempts").tags("attempt", "renew", "outcome", "unknown").counter().count())
			.isZero();
		assertThat(this.registry.get("election.hints").counter().count()).isZero();
	}

	@Test
	void hintsAreCounted() {
		this.metrics.hinted("billing");
		assertThat(this.registry.get("election.hints").tags("election", "billing").counter().count()).isEqualTo(1);
	}

	private double gauge(String name) {
		return this.registry.get(name).tags("election", "billing").gauge().value();
	}

	private static ElectionReport report(Leadership leadership, Duration validFor) {
		return new ElectionReport("billing", "blue", ElectionState.CANDIDATE, null, leadership, validFor, SECOND,
				SECOND, SECOND, null, null, null, null, List.of(), List.of());
	}

}
