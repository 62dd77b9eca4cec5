package io.election.runtime;

import java.time.Duration;
import java.time.Instant;

import io.election.runtime.StoreWorker.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class StoreHealthTests {

	private static final Duration QUIET = Duration.ofSeconds(4);

	private final TestTime time = new TestTime();

	private final StoreHealth health = new StoreHealth("postgres", this.time, this.time, QUIET);

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
		this.health.outcome(Kind.LOOK, new StackOverflowError());
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
	void anOutageLogsOneLineWhenItBeginsAndOneWhenItEnds(CapturedOutput output) {
		for (int i = 0; i < 10; i++) {
			fail(Kind.LOOK, "connection refused");
			this.time.advance(Duration.ofSeconds(2));
		}
		for (int i = 0; i < 10; i++) {
			succeed(Kind.LOOK);
			this.time.advance(Duration.ofSeconds(2));
		}
		assertThat(output.toString().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.endsWith("Backend postgres does not answer: connection refused");
		assertThat(output.toString().lines().filter((line) -> line.contains("INFO"))).singleElement()
			.asString()
			.endsWith("Backend postgres answers again, having failed for 20000 ms");
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
		this.health.outcome(kind, null);
	}

	private void fail(Kind kind, String message) {
		this.health.outcome(kind, new IllegalStateException(message));
	}

}
