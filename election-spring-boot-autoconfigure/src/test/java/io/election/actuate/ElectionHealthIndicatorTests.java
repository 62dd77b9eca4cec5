package io.election.actuate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import io.election.ElectionReport;
import io.election.ElectionReport.Transition;
import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.Leader;
import io.election.LeaderElections;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willReturn;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ElectionHealthIndicator}.
 */
class ElectionHealthIndicatorTests {

	private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

	private final LeaderElections elections = mock(LeaderElections.class);

	private final ElectionReports reports = mock(ElectionReports.class);

	private final ElectionHealthIndicator indicator = new ElectionHealthIndicator(this.elections, this.reports,
			Clock.fixed(NOW, ZoneOffset.UTC));

	private final TreeSet<String> names = new TreeSet<>();

	ElectionHealthIndicatorTests() {
		given(this.elections.names()).willReturn(this.names);
		given(this.reports.backend()).willReturn("postgres");
		given(this.reports.report(anyString())).willThrow(new IllegalArgumentException("not taking part"));
	}

	@Test
	void isUpForALeader() {
		takePart("billing", ElectionState.LEADER, null, null, to(ElectionState.LEADER, 60));
		assertThat(this.indicator.health()).isEqualTo(Health.up()
			.withDetail("backend", "postgres")
			.withDetail("elections", Map.of("billing", Map.of("state", ElectionState.LEADER, "leader", "blue")))
			.build());
	}

	@Test
	void isUpForAFollower() {
		takePart("billing", ElectionState.CANDIDATE, null, null);
		assertThat(status()).isEqualTo(Status.UP);
	}

	@Test
	void isUpWhilePaused() {
		takePart("billing", ElectionState.PAUSED, null, null);
		assertThat(status()).isEqualTo(Status.UP);
	}

	@Test
	void isUnknownBeforeElectionsStart() {
		takePart("billing", ElectionState.UNKNOWN, null, null);
		assertThat(status()).isEqualTo(Status.UNKNOWN);
	}

	@Test
	void isUnknownWithoutElections() {
		assertThat(status()).isEqualTo(Status.UNKNOWN);
	}

	@Test
	void isUpAndShowsTheErrorWhileTheBackendFailsForALeaseDuration() {
		takePart("billing", ElectionState.CANDIDATE, "no such table", NOW.minusSeconds(15));
		assertThat(this.indicator.health()).isEqualTo(Health.up()
			.withDetail("backend", "postgres")
			.withDetail("elections",
					Map.of("billing",
							Map.of("state", ElectionState.CANDIDATE, "leader", "blue", "error", "no such table")))
			.build());
	}

	@Test
	void isDownWhenTheBackendHasFailedForLongerThanALease() {
		takePart("billing", ElectionState.CANDIDATE, "no such table", NOW.minusMillis(15_001));
		assertThat(status()).isEqualTo(Status.DOWN);
	}

	@Test
	void isDownAtOnceForAnErrorThatDoesNotPass() {
		takePart("billing", ElectionState.CANDIDATE, "token refused", null);
		assertThat(status()).isEqualTo(Status.DOWN);
	}

	@Test
	void isDownWhenNobodyNoticesThatLeadershipHasRunOut() {
		takePart("billing", ElectionState.CANDIDATE, null, null, to(ElectionState.LEADER, 60));
		assertThat(status()).isEqualTo(Status.DOWN);
	}

	@Test
	void isUpWhenLeadershipBeganWhileTheReportWasMade() {
		takePart("billing", ElectionState.CANDIDATE, null, null, to(ElectionState.LEADER, 0));
		assertThat(status()).isEqualTo(Status.UP);
	}

	@Test
	void isUpWhenLeadershipRanOutAndThatWasNoticed() {
		takePart("billing", ElectionState.CANDIDATE, null, null, to(ElectionState.LEADER, 60),
				to(ElectionState.CANDIDATE, 50));
		assertThat(status()).isEqualTo(Status.UP);
	}

	@Test
	void isDownIfOneOfSeveralElectionsIs() {
		takePart("billing", ElectionState.LEADER, null, null);
		takePart("mails", ElectionState.CANDIDATE, "token refused", null);
		takePart("reports", ElectionState.UNKNOWN, null, null);
		assertThat(status()).isEqualTo(Status.DOWN);
	}

	@Test
	void leavesOutAnElectionThatTheApplicationHasJustLeft() {
		takePart("billing", ElectionState.LEADER, null, null);
		this.names.add("mails");
		Health health = this.indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails().get("elections")).asString().doesNotContain("mails");
	}

	private Status status() {
		return this.indicator.health().getStatus();
	}

	private Transition to(ElectionState state, long secondsAgo) {
		return new Transition(NOW.minusSeconds(secondsAgo), ElectionState.UNKNOWN, state, 7, "for a test");
	}

	private void takePart(String name, ElectionState state, String error, Instant errorAt, Transition... transitions) {
		this.names.add(name);
		Leader leader = new Leader("blue", 7, NOW, Map.of());
		willReturn(new ElectionReport(name, "blue", state, leader, null, null, Duration.ofSeconds(15),
				Duration.ofSeconds(10), Duration.ofSeconds(2), null, null, error, errorAt, List.of(),
				List.of(transitions)))
			.given(this.reports)
			.report(name);
	}

}
