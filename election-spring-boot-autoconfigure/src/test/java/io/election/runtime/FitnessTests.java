package io.election.runtime;

import java.time.Duration;
import java.util.Map;

import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications that are not fit to lead at times.
 */
class FitnessTests {

	private static final Duration DELAY = Duration.ofSeconds(20);

	private static final Duration SECOND = Duration.ofSeconds(1);

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final TestNode node = new TestNode("node", this.time, this.backend, "a");

	private final LeaderElection election = this.node.election("a");

	@AfterEach
	void close() {
		this.node.close();
	}

	@Test
	void whoIsNotFitDoesNotCompeteUntilItHasBeenFitForAWhile() {
		this.node.start().awaitLeading("a");
		this.node.elections.unfit();
		assertThat(this.election.isLeader()).isFalse();
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
		this.node.awaitEvent("revoked a 1 UNHEALTHY");
		TestNode.await(() -> this.backend.record("a") instanceof LeaseRecord.Vacant);
		this.node.pass(Duration.ofHours(1));
		assertThat(this.election.isLeader()).isFalse();
		this.node.elections.fit(DELAY);
		this.node.pass(DELAY.minus(SECOND));
		assertThat(this.election.isLeader()).isFalse();
		this.node.pass(SECOND);
		this.node.awaitLeading("a");
		assertThat(this.node.elections.report("a").transitions()).extracting((transition) -> transition.reason())
			.containsExactly("JOINED", "GRANTED", "UNHEALTHY", "RESUMED", "GRANTED");
	}

	@Test
	void whoBecomesUnfitAgainInThatTimeStaysSo() {
		this.node.start().awaitLeading("a");
		this.node.elections.unfit();
		this.node.elections.fit(DELAY);
		this.node.pass(DELAY.minus(SECOND));
		this.node.elections.unfit();
		this.node.elections.fit(DELAY);
		this.node.pass(SECOND);
		assertThat(this.election.isLeader()).isFalse();
		this.node.pass(DELAY);
		this.node.awaitLeading("a");
	}

	@Test
	void whoIsFitAlreadyLeadsOn() {
		this.node.start().awaitLeading("a");
		this.node.elections.unfit();
		this.node.elections.fit(Duration.ZERO);
		this.node.awaitLeading("a");
		this.node.elections.fit(DELAY);
		this.node.pass(SECOND);
		this.node.elections.fit(DELAY);
		this.election.resume();
		for (int i = 0; i < 30; i++) {
			this.node.pass(SECOND);
			assertThat(this.election.isLeader()).isTrue();
		}
	}

	@Test
	void whoMustSayThatItIsFitAndDoesNotStepsDown() {
		this.node.start().awaitLeading("a");
		this.node.elections.unfit();
		this.node.elections.fit(Duration.ZERO, DELAY);
		this.node.awaitLeading("a");
		this.node.pass(DELAY.minus(SECOND));
		this.node.elections.fit(DELAY, DELAY);
		this.node.pass(DELAY.minus(SECOND));
		this.node.awaitLeading("a"); // in another term: so long a jump of time ends one
		this.node.pass(SECOND);
		assertThat(this.election.isLeader()).isFalse();
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
		this.node.elections.fit(SECOND, DELAY);
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
		this.node.pass(SECOND);
		this.node.awaitLeading("a");
	}

	@Test
	void whoWasFitForAWhileBeforeTheStartIsNotForEver() {
		this.node.elections.unfit();
		this.node.elections.fit(Duration.ZERO, DELAY);
		this.node.start().awaitLeading("a");
		this.node.pass(DELAY);
		assertThat(this.election.isLeader()).isFalse();
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
		this.node.elections.fit(Duration.ZERO, DELAY);
		this.node.awaitLeading("a");
	}

	@Test
	void listenersMaySayThatTheApplicationIsNotFit() {
		this.node.orderly = false;
		this.node.listener = (event) -> {
			if (event instanceof LeadershipGrantedEvent) {
				this.node.elections.unfit();
				assertThat(this.election.isLeader()).isFalse();
			}
		};
		this.node.start();
		this.node.awaitEvent("revoked a 1 UNHEALTHY");
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
	}

	@Test
	void whoWasNotFitBeforeTheStartDoesNotCompete() {
		this.node.elections.unfit();
		this.node.start();
		this.node.elections.join("b");
		TestNode.await(() -> this.election.state() == ElectionState.PAUSED
				&& this.node.election("b").state() == ElectionState.PAUSED);
		this.node.settle();
		assertThat(this.backend.count("acquire")).isZero();
		this.node.elections.fit(Duration.ZERO);
		this.node.awaitLeading("a").awaitLeading("b");
	}

	@Test
	void fitnessSurvivesAStop() {
		this.node.start().awaitLeading("a");
		this.node.elections.unfit();
		this.node.elections.fit(DELAY);
		this.node.stop();
		this.node.start();
		TestNode.await(() -> this.election.state() == ElectionState.PAUSED);
		this.node.pass(DELAY);
		this.node.awaitLeading("a");
	}

	@Test
	void whoIsPausedStaysSoWhenFit() {
		this.node.start().awaitLeading("a");
		this.election.pause();
		this.node.elections.unfit();
		this.node.elections.fit(Duration.ZERO);
		this.node.settle();
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
		this.node.elections.unfit();
		this.election.resume();
		this.node.settle();
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
		this.node.elections.fit(Duration.ZERO);
		this.node.awaitLeading("a");
	}

	@Test
	void whoStandsAsideDoesSoWhenFit() {
		this.node.start().awaitLeading("a");
		this.election.resign(Duration.ofMinutes(1));
		this.node.settle();
		this.node.elections.fit(Duration.ZERO);
		this.node.pass(Duration.ofSeconds(50));
		assertThat(this.election.isLeader()).isFalse();
		this.node.passUntil(this.election::isLeader);
	}

	@Test
	void whoseTokenWasRefusedIsResumedByAnOperatorOnly() {
		this.node.start().awaitLeading("a");
		this.backend.answers = (given) -> {
			Answer answer = given.get("a");
			return (answer instanceof Answer.Held held && held.lease().term() == 2)
					? Map.of("a", new Answer.Held(new Lease("a", held.lease().nonce(), 1, held.lease().revision())))
					: given;
		};
		this.election.resign(Duration.ZERO);
		TestNode.await(() -> this.election.state() == ElectionState.PAUSED);
		this.backend.answers = (given) -> given;
		this.node.elections.unfit();
		this.node.elections.fit(Duration.ZERO);
		this.node.settle();
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
		this.node.elections.unfit();
		this.election.resume();
		this.node.elections.fit(Duration.ZERO);
		TestNode.await(this.election::isLeader);
	}

}
