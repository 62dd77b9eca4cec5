package io.election.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.election.ElectionObserver.Attempt;
import io.election.ElectionObserver.Outcome;
import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.Leader;
import io.election.LeaderChangedEvent;
import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
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

	private final MockClock clock = new MockClock();

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, this.clock);

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
	void gaugesOfElectionsThatWereLeftAreGone() {
		this.metrics.joined("billing");
		this.metrics.joined("other");
		this.metrics.left("billing");
		assertThat(this.registry.getMeters()).hasSize(2)
			.allMatch((meter) -> "other".equals(meter.getId().getTag("election")));
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
	void timesWithoutALeaderAreTimed() {
		Leader blue = new Leader("blue", 7, Instant.EPOCH, java.util.Map.of());
		this.metrics.listened(new LeaderChangedEvent(this.election, null, blue), SECOND, false);
		assertThat(this.registry.find("election.failover").timer()).as("nobody was missed").isNull();
		this.metrics.listened(new LeaderChangedEvent(this.election, blue, null), SECOND, false);
		this.clock.add(Duration.ofSeconds(3));
		this.metrics.listened(new LeaderChangedEvent(this.election, null, blue), SECOND, false);
		assertThat(this.registry.get("election.failover").timer().totalTime(java.util.concurrent.TimeUnit.SECONDS))
			.isEqualTo(3);
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
				SECOND, SECOND, null, null, null, null, List.of());
	}

}
