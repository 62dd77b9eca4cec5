package io.election.test;

import java.time.Duration;
import java.util.Map;

import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.test.BillingApplication.Story;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TestElections} in a whole application.
 */
@SpringBootTest(webEnvironment = WebEnvironment.NONE,
		properties = { "election.name=billing", "election.names=reports", "election.candidate.id=me" })
@AutoConfigureElection
class TestElectionsTests {

	@Autowired
	private TestElections elections;

	@Autowired
	private LeaderElection billing;

	@Autowired
	private LeaderElections all;

	@Autowired
	private Story story;

	@BeforeEach
	void beginAnew() {
		this.story.events.clear();
	}

	@Test
	void anotherLeadsAtFirst() {
		assertThat(this.billing.isLeader()).isFalse();
		assertThat(this.billing.state()).isEqualTo(ElectionState.CANDIDATE);
		assertThat(this.billing.leader())
			.hasValueSatisfying((leader) -> assertThat(leader.candidateId()).isEqualTo("another"));
	}

	@RepeatedTest(50)
	void leadershipIsGrantedAndRevoked() {
		long token = this.elections.grant();
		assertThat(this.billing.isLeader()).isTrue();
		assertThat(this.billing.leadership().orElseThrow().fencingToken()).isEqualTo(token);
		assertThat(this.story.events).contains("granted billing");
		this.elections.revoke();
		assertThat(this.billing.isLeader()).isFalse();
		assertThat(this.story.events).containsSubsequence("granted billing", "revoked billing LOST");
		assertThat(this.elections.grant()).isGreaterThan(token);
	}

	@RepeatedTest(20)
	void leadershipIsHandedOver() {
		this.elections.grant();
		this.elections.handOver("green");
		assertThat(this.billing.isLeader()).isFalse();
		assertThat(this.story.events).containsExactly("granted billing", "me leads billing", "revoked billing RESIGNED",
				"green leads billing");
		this.elections.grant();
	}

	@RepeatedTest(20)
	void leasesRunOut() {
		this.elections.grant();
		this.elections.expire();
		assertThat(this.story.events).containsExactly("granted billing", "me leads billing", "revoked billing EXPIRED",
				"another leads billing");
		this.elections.grant();
	}

	@Test
	void leasesAreRenewedWhileTimePasses() {
		this.elections.grant();
		this.elections.advance(Duration.ofMinutes(5));
		assertThat(this.billing.isLeader()).isTrue();
	}

	@Test
	void otherCandidatesLead() {
		this.elections.elect("billing", "blue", Map.of("host", "blue.example"));
		assertThat(this.billing.leader().orElseThrow().attributes()).containsEntry("host", "blue.example");
		assertThat(this.story.events).containsExactly("blue leads billing");
	}

	@Test
	void electionsAreIndependent() {
		this.elections.grant("reports");
		assertThat(this.all.get("reports").isLeader()).isTrue();
		assertThat(this.billing.isLeader()).isFalse();
		this.elections.grant("billing");
		this.elections.expire("reports");
		assertThat(this.billing.isLeader()).isTrue();
	}

	@Test
	void whatCannotBeIsTold() {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.elections::revoke)
			.withMessageStartingWith("The application does not lead in election 'billing'. State: CANDIDATE, leader: ");
		this.billing.pause();
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.elections::grant)
			.withMessageStartingWith("The application does not become the leader in election 'billing'. State: PAUSED");
	}

	@Test
	void whatWasNotGrantedIsNotGrantedLater() {
		this.billing.pause();
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.elections::grant);
		this.billing.resume();
		this.elections.advance(Duration.ofMinutes(1));
		assertThat(this.billing.isLeader()).isFalse();
	}

	@Test
	void whatATestHasDoneIsUndone() {
		this.elections.grant();
		this.billing.pause();
		this.elections.reset();
		anotherLeadsAtFirst();
		this.elections.grant();
	}

}
