package io.election.runtime;

import java.time.Duration;
import java.time.Instant;

import io.election.runtime.StoreWorker.Kind;
import io.election.store.UnusableBackendException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class StoreHealthTests {

	private static final Duration QUIET = TestNode.TIMING.retryPeriod().multipliedBy(2);

	private final TestTime time = new TestTime();

	private final StoreHealth health = new StoreHealth("postgres", TestNode.settings("node", TestNode.STOP_TIMEOUT),
			this.time, this.time);

	@Test
	void isHealthyBeforeTheFirstCallAndWhileTheStoreAnswers(CapturedOutput output) {
		assertThat(this.health.outage()).isNull();
		assertThat(this.health.isAnswering()).isTrue();
		succeed(Kind.LOOK);
		assertThat(this.health.outage()).isNull();
		assertThat(output).doesNotContain("Backend");
	}

	@Test
	void anOutageTellsItsBeginAndItsLatestError() {
		Instant began = this.time.instant();
		fail(Kind.LOOK, "connection refused");
		this.time.advance(Duration.ofSeconds(7));
		fail(Kind.LOOK, "permission denied");
		assertThat(this.health.outage()).isEqualTo(new StoreHealth.Outage("permission denied", began));
		assertThat(this.health.isAnswering()).isFalse();
	}

	@Test
	void anErrorWithoutAMessageIsToldByItsType() {
		this.health.outcome(Kind.LOOK, new StackOverflowError(), Duration.ZERO);
		assertThat(this.health.outage().message()).isEqualTo("java.lang.StackOverflowError");
	}

	@Test
	void anOutageIsOverWhenWhatFailedSucceeds() {
		fail(Kind.RENEW, "terminating connection due to idle-session timeout");
		assertThat(this.health.outage()).isNotNull();
		succeed(Kind.RENEW);
		assertThat(this.health.isAnswering()).isTrue();
		assertThat(this.health.outage()).isNull();
	}

	@Test
	void anOutageLastsUntilEveryKindThatFailedHasSucceeded() {
		fail(Kind.LOOK, "connection refused");
		fail(Kind.ACQUIRE, "connection refused");
		succeed(Kind.LOOK);
		assertThat(this.health.outage()).isNotNull();
		succeed(Kind.ACQUIRE);
		assertThat(this.health.outage()).isNull();
	}

	@Test
	void aKindThatIsNotAskedForAnyMoreIsForgotten() {
		fail(Kind.RENEW, "connection refused");
		this.time.advance(QUIET.minusNanos(1));
		succeed(Kind.LOOK);
		assertThat(this.health.outage()).isNotNull();
		this.time.advance(Duration.ofNanos(1));
		succeed(Kind.LOOK);
		assertThat(this.health.outage()).isNull();
	}

	@Test
	void whatFailedForWantOfTimeTellsHowMuchTimeThereIs() {
		this.health.outcome(Kind.LOOK, new IllegalStateException("Read timed out"), Duration.ofMillis(1200));
		assertThat(this.health.outage().message())
			.isEqualTo("Read timed out (no answer within 1500ms, 3/4 of election.retry-period)");
		this.health.outcome(Kind.LOOK, new IllegalStateException("Connection refused"), Duration.ofMillis(1199));
		assertThat(this.health.outage().message()).isEqualTo("Connection refused");
		this.health.outcome(Kind.LOOK, new UnusableBackendException("permission denied", null),
				Duration.ofMillis(1200));
		assertThat(this.health.outage().message()).isEqualTo("permission denied");
	}

	@Test
	void theFirstContactIsAnAnswer() {
		fail(Kind.LOOK, "connection refused");
		assertThat(this.health.awaitContact(Duration.ofNanos(1))).isEqualTo("No answer within 0ms: connection refused");
		succeed(Kind.LOOK);
		assertThat(this.health.awaitContact(Duration.ofNanos(1))).isNull();
	}

	@Test
	void orTheFirstContactSaysThatThereWillBeNone() {
		this.health.outcome(Kind.LOOK, new UnusableBackendException("permission denied", null), Duration.ZERO);
		assertThat(this.health.awaitContact(Duration.ofHours(1))).isEqualTo("permission denied");
	}

	@Test
	void requestsThatFailWhileOthersSucceedAreOneOutage(CapturedOutput output) {
		for (int i = 0; i < 10; i++) {
			fail(Kind.ACQUIRE, "permission denied for table election_lease");
			succeed(Kind.LOOK);
			this.time.advance(Duration.ofMillis(2400));
			succeed(Kind.LOOK);
			assertThat(this.health.outage()).isNotNull();
		}
		assertThat(output.toString().lines().filter((line) -> line.contains("WARN"))).hasSize(1);
		assertThat(output.toString().lines().filter((line) -> line.contains("INFO"))).isEmpty();
	}

	private void succeed(Kind kind) {
		this.health.outcome(kind, null, Duration.ZERO);
	}

	private void fail(Kind kind, String message) {
		this.health.outcome(kind, new IllegalStateException(message), Duration.ZERO);
	}

}
