package io.election.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.election.Candidate;
import io.election.ElectionReport;
import io.election.ElectionReport.Transition;
import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.Leader;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.Leadership;
import io.election.actuate.ActionDescriptor.Outcome;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willReturn;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link LeadershipEndpoint}.
 */
class LeadershipEndpointTests {

	private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");

	private static final Leader LEADER = new Leader("blue", 7, THEN, Map.of("zone", "b"));

	private static final List<Candidate> CANDIDATES = List.of(new Candidate("blue", Map.of("zone", "b"), THEN));

	private static final List<Transition> TRANSITIONS = List
		.of(new Transition(THEN, ElectionState.CANDIDATE, ElectionState.LEADER, 7, "GRANTED"));

	private final LeaderElections elections = mock(LeaderElections.class);

	private final ElectionReports reports = mock(ElectionReports.class);

	private final LeaderElection election = mock(LeaderElection.class);

	private final LeadershipEndpoint endpoint = new LeadershipEndpoint(this.elections, this.reports);

	LeadershipEndpointTests() {
		given(this.elections.get(anyString())).willReturn(this.election);
		given(this.election.candidates()).willReturn(CANDIDATES);
		given(this.reports.backend()).willReturn("postgres");
		given(this.reports.report(anyString())).willThrow(new IllegalArgumentException("not taking part"));
	}

	@Test
	void describesTheElectionOfALeader() {
		takePart(leading("billing"));
		assertThat(this.endpoint.election("billing")).isEqualTo(new ElectionDescriptor("billing", "blue", "postgres",
				ElectionState.LEADER, LEADER, new ElectionDescriptor.Term(7, THEN, Duration.ofSeconds(9)),
				new ElectionDescriptor.Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2)),
				CANDIDATES, new ElectionDescriptor.Renewal(THEN, Duration.ofMillis(3)), null, List.of(), TRANSITIONS));
	}

	@Test
	void describesTheElectionOfAFollowerWithoutLeader() {
		takePart(following("billing", null, null));
		assertThat(this.endpoint.election("billing")).satisfies((election) -> {
			assertThat(election.state()).isEqualTo(ElectionState.CANDIDATE);
			assertThat(election.leader()).isNull();
			assertThat(election.leadership()).isNull();
			assertThat(election.lastRenewal()).isNull();
			assertThat(election.lastError()).isNull();
			assertThat(election.candidates()).isEqualTo(CANDIDATES);
		});
	}

	@Test
	void tellsTheErrorAndDoesNotWaitForABackendThatFails() {
		takePart(following("billing", "connection refused", THEN));
		assertThat(this.endpoint.election("billing")).satisfies((election) -> {
			assertThat(election.lastError()).isEqualTo(new ElectionDescriptor.Failure("connection refused", THEN));
			assertThat(election.candidates()).isNull();
		});
		then(this.election).should(never()).candidates();
	}

	@Test
	void tellsAnErrorThatHasNoBeginning() {
		takePart(following("billing", "token refused", null));
		assertThat(this.endpoint.election("billing").lastError())
			.isEqualTo(new ElectionDescriptor.Failure("token refused", null));
	}

	@Test
	void knowsNoElectionInWhichTheApplicationTakesNoPart() {
		takePart(leading("billing"));
		assertThat(this.endpoint.election("mails")).isNull();
	}

	@Test
	void findsAnElectionWithSlashesInItsName() {
		takePart(leading("billing/eu"));
		assertThat(this.endpoint.election("billing", "eu").name()).isEqualTo("billing/eu");
	}

	@Test
	void describesAllElections() {
		takePart(leading("billing"), following("mails", null, null));
		LeadershipEndpoint.LeadershipDescriptor leadership = this.endpoint.leadership();
		assertThat(leadership.candidateId()).isEqualTo("blue");
		assertThat(leadership.backend()).isEqualTo("postgres");
		assertThat(leadership.elections()).containsOnlyKeys("billing", "mails");
		assertThat(leadership.elections().get("billing")).isEqualTo(this.endpoint.election("billing"));
		assertThat(leadership.elections().get("mails")).isEqualTo(this.endpoint.election("mails"));
	}

	@Test
	void leavesOutAnElectionThatTheApplicationHasJustLeft() {
		takePart(leading("billing"));
		given(this.elections.names()).willReturn(Set.of("billing", "mails"));
		assertThat(this.endpoint.leadership().elections()).containsOnlyKeys("billing");
	}

	@Test
	void describesThatThereIsNoElection() {
		LeadershipEndpoint.LeadershipDescriptor leadership = this.endpoint.leadership();
		assertThat(leadership.candidateId()).isNull();
		assertThat(leadership.elections()).isEmpty();
	}

	@Test
	void asksForTheCandidatesOfAHundredElectionsAtMost() {
		takePart(IntStream.range(0, 100).mapToObj((i) -> leading("e" + i)).toArray(ElectionReport[]::new));
		assertThat(this.endpoint.leadership().elections().values())
			.allSatisfy((election) -> assertThat(election.candidates()).isEqualTo(CANDIDATES));
		takePart(IntStream.range(0, 101).mapToObj((i) -> leading("e" + i)).toArray(ElectionReport[]::new));
		assertThat(this.endpoint.leadership().elections().values()).hasSize(101)
			.allSatisfy((election) -> assertThat(election.candidates()).isNull());
		assertThat(this.endpoint.election("e7").candidates()).isEqualTo(CANDIDATES);
	}

	private void takePart(ElectionReport... reports) {
		given(this.elections.names()).willReturn(
				List.of(reports).stream().map(ElectionReport::election).collect(Collectors.toCollection(TreeSet::new)));
		for (ElectionReport report : reports) {
			willReturn(report).given(this.reports).report(report.election());
		}
	}

	private ElectionReport leading(String name) {
		return new ElectionReport(name, "blue", ElectionState.LEADER, LEADER, new Leadership(name, "blue", 7, THEN),
				Duration.ofSeconds(9), Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2), THEN,
				Duration.ofMillis(3), null, null, List.of(), TRANSITIONS);
	}

	private ElectionReport following(String name, String error, Instant errorAt) {
		return new ElectionReport(name, "blue", ElectionState.CANDIDATE, null, null, null, Duration.ofSeconds(15),
				Duration.ofSeconds(10), Duration.ofSeconds(2), null, null, error, errorAt, List.of(), List.of());
	}

	@Test
	void resigns() {
		takesPart(true);
		assertAct("resign", null, Outcome.ACCEPTED, "blue resigns");
		then(this.election).should().resign();
		assertAct("resign", "30s", Outcome.ACCEPTED, "blue resigns");
		then(this.election).should().resign(Duration.ofSeconds(30));
	}

	@Test
	void pausesAndResumes() {
		takesPart(false);
		assertAct("pause", null, Outcome.ACCEPTED, "blue does not compete before it resumes");
		then(this.election).should().pause();
		assertAct("resume", null, Outcome.ACCEPTED, "blue competes");
		then(this.election).should().resume();
	}

	@Test
	void onlyTheLeaderResigns() {
		takesPart(false);
		assertAct("resign", null, Outcome.NOT_LEADER, "blue does not lead");
		then(this.election).should(never()).resign();
	}

	@Test
	void refusesWhatIsNoAction() {
		takesPart(true);
		for (String action : new String[] { null, "", "RESIGN", "stop" }) {
			assertAct(action, null, Outcome.INVALID, "action must be resign, pause or resume");
		}
		assertAct("pause", "30s", Outcome.INVALID, "standAside is for the action resign only");
		willThrow(IllegalArgumentException.class).given(this.election).resign(Duration.ofDays(2));
		for (String standAside : new String[] { "", "soon", "2d" }) {
			assertAct("resign", standAside, Outcome.INVALID,
					"standAside must be a duration between 0s and 1d, such as 30s");
		}
	}

	@Test
	void doesNotActInAnElectionInWhichTheApplicationTakesNoPart() {
		takesPart(true);
		assertThat(this.endpoint.act(new String[] { "mails", "eu" }, "resign", null)).isEqualTo(new ActionDescriptor(
				"mails/eu", "resign", Outcome.UNKNOWN_ELECTION, "This application takes no part in such an election"));
		then(this.election).should(never()).resign();
	}

	private void takesPart(boolean leads) {
		given(this.elections.names()).willReturn(Set.of("billing"));
		given(this.election.name()).willReturn("billing");
		given(this.election.candidateId()).willReturn("blue");
		given(this.election.isLeader()).willReturn(leads);
	}

	private void assertAct(String action, String standAside, Outcome outcome, String message) {
		assertThat(this.endpoint.act(new String[] { "billing" }, action, standAside))
			.isEqualTo(new ActionDescriptor("billing", action, outcome, message));
	}

}
