package io.election.store.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Doorbell} and {@link Doorbells}. Nothing waits: the time to do so is
 * over at once.
 */
class DoorbellTests {

	private static final String ELECTION = "billing";

	private static final Duration NO_TIME = Duration.ofNanos(1);

	private static final Duration FOR_EVER = Duration.ofDays(1);

	private final Doorbell doorbell = new Doorbell();

	@Test
	void whoeverIsRungUpTriesAndKeepsTheLockUntilItLeadsNoMore() throws Exception {
		assertThat(this.doorbell.rung()).isTrue();
		this.doorbell.read(new LeaseRecord.Vacant(lease("", 1, 2)));
		assertKept();
		this.doorbell.answered(new Answer.Held(lease("own", 2, 3)));
		this.doorbell.answered(new Answer.Held(lease("own", 2, 4)));
		this.doorbell.read(held("own", 2, 5));
		assertKept();
		this.doorbell.answered(new Answer.Released());
		assertGivenUp();
	}

	@Test
	void whoeverLeadsIsNotRungUp() throws Exception {
		this.doorbell.answered(new Answer.Held(lease("own", 2, 3)));
		assertThat(this.doorbell.rung()).isFalse();
		assertKept();
	}

	@Test
	void theLockIsGivenUpWhenTheLeaseIsLost() throws Exception {
		for (LeaseRecord record : List.of(held("other", 3, 1), held("own", 3, 1),
				new LeaseRecord.Vacant(lease("", 2, 9)), new LeaseRecord.Absent(),
				new LeaseRecord.Vanished(2, Duration.ZERO))) {
			this.doorbell.rung();
			this.doorbell.answered(new Answer.Held(lease("own", 2, 3)));
			assertKept();
			this.doorbell.answered(new Answer.Refused(record));
			assertGivenUp();
		}
	}

	@Test
	void theLockIsGivenUpWhenSomebodyElseIsSeenToRenew() throws Exception {
		this.doorbell.read(held("other", 1, 1));
		this.doorbell.rung();
		this.doorbell.read(held("other", 1, 2));
		this.doorbell.read(held("other", 1, 2));
		assertKept(); // of a leader that has crashed
		this.doorbell.read(held("other", 1, 3));
		assertGivenUp();
	}

	@Test
	void theLockIsGivenUpWhenSomebodyElseTakesTheLease() throws Exception {
		this.doorbell.rung();
		this.doorbell.read(new LeaseRecord.Vacant(lease("", 1, 2)));
		this.doorbell.answered(new Answer.Refused(held("other", 2, 3)));
		assertGivenUp();
		this.doorbell.stayOut(NO_TIME, Duration.ofDays(1)); // it may wait behind the new
															// leader
	}

	@Test
	void whatWasBeforeTheRingDoesNotCount() throws Exception {
		this.doorbell.answered(new Answer.Held(lease("own", 2, 3)));
		this.doorbell.answered(new Answer.Released());
		this.doorbell.read(held("other", 3, 1));
		assertThat(this.doorbell.rung()).isTrue();
		assertKept();
	}

	@Test
	void theLockIsGivenUpByWhoeverDoesNotClaim() throws Exception {
		this.doorbell.rung();
		this.doorbell.read(new LeaseRecord.Vacant(lease("", 1, 2)));
		this.doorbell.awaitClaim(NO_TIME);
		assertGivenUp();
	}

	@Test
	void aClaimIsNotWaitedForAnyLonger() throws Exception {
		this.doorbell.rung();
		this.doorbell.answered(new Answer.Busy());
		this.doorbell.awaitClaim(FOR_EVER);
		assertKept();
	}

	@Test
	void theLockIsGivenUpIfTheElectionWasLeft() throws Exception {
		Doorbells doorbells = new Doorbells(1);
		Doorbell only = doorbells.take();
		assertThat(only).isNotNull();
		doorbells.read(List.of("a"), Map.of());
		doorbells.answered(Map.of("a", new Answer.Held(lease("own", 1, 1))));
		assertThat(only.awaitEnd(NO_TIME, NO_TIME)).as("nobody has called for that long").isTrue();
		assertThat(only.awaitElection(NO_TIME)).isNull();
		doorbells.read(List.of("b"), Map.of());
		assertThat(only.awaitElection(NO_TIME)).isEqualTo("b");
		assertThat(only.rung()).isTrue();
	}

	@Test
	void closingEndsEveryWait() {
		this.doorbell.assign(ELECTION);
		this.doorbell.close();
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.doorbell.awaitElection(FOR_EVER));
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.doorbell.awaitEnd(FOR_EVER, FOR_EVER));
		this.doorbell.rung();
		this.doorbell.read(held("other", 3, 1));
		this.doorbell.read(held("other", 3, 2));
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.doorbell.stayOut(NO_TIME, FOR_EVER));
	}

	@Test
	void theElectionsThatAreReadFirstHaveADoorbell() throws Exception {
		Doorbells doorbells = new Doorbells(2);
		doorbells.read(List.of("a", "b", "c"), Map.of());
		doorbells.read(List.of("d", "a"), Map.of());
		Doorbell first = doorbells.take();
		Doorbell second = doorbells.take();
		assertThat(first).isNotNull();
		assertThat(second).isNotNull();
		assertThat(doorbells.take()).isNull();
		assertThat(first.awaitElection(NO_TIME)).isEqualTo("a");
		assertThat(second.awaitElection(NO_TIME)).isEqualTo("b");
		doorbells.giveBack(second);
		assertThat(doorbells.take()).isSameAs(second);
	}

	@Test
	void anAnswerIsForTheDoorbellOfItsElection() throws Exception {
		Doorbells doorbells = new Doorbells(2);
		Doorbell first = doorbells.take();
		Doorbell second = doorbells.take();
		assertThat(first).isNotNull();
		assertThat(second).isNotNull();
		assertThat(first.awaitElection(NO_TIME)).isNull();
		doorbells.read(List.of("a", "b"), Map.of());
		doorbells.answered(Map.of("b", new Answer.Held(lease("own", 1, 1)), "c", new Answer.Busy()));
		assertThat(first.rung()).isTrue();
		assertThat(second.rung()).isFalse();
		doorbells.read(List.of("a", "b"), Map.of("b", held("other", 2, 2)));
		assertThat(first.awaitEnd(NO_TIME, FOR_EVER)).isFalse();
		assertThat(second.awaitEnd(NO_TIME, FOR_EVER)).isTrue();
	}

	private void assertKept() throws SQLException {
		assertThat(this.doorbell.awaitEnd(NO_TIME, FOR_EVER)).isFalse();
	}

	private void assertGivenUp() throws SQLException {
		assertThat(this.doorbell.awaitEnd(NO_TIME, FOR_EVER)).isTrue();
	}

	private static Lease lease(String nonce, long term, long revision) {
		return new Lease(ELECTION, nonce, term, revision);
	}

	private static LeaseRecord held(String nonce, long term, long revision) {
		return new LeaseRecord.Held(lease(nonce, term, revision), "node", Map.of(), 0, Duration.ofSeconds(15),
				Duration.ofSeconds(10), Duration.ZERO);
	}

}
