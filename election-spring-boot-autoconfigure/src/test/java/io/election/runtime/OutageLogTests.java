package io.election.runtime;

import java.time.Duration;
import java.util.List;

import io.election.store.UnusableBackendException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class OutageLogTests {

	private static final Duration LEASE = Duration.ofSeconds(15);

	private static final Duration RETRY = Duration.ofSeconds(2);

	private final TestTime time = new TestTime();

	private final OutageLog log = new OutageLog("postgres", this.time, LEASE);

	@Test
	void anOutageIsOneLineWhenItBeginsAndOneWhenItIsOver(CapturedOutput output) {
		fail("connection refused", Duration.ofSeconds(20));
		succeed(Duration.ofSeconds(30));
		assertThat(lines(output)).containsExactly("WARN Backend postgres fails: connection refused",
				"INFO Backend postgres answers again, for 16s by now, after 20s");
	}

	@Test
	void outagesThatComeBackWithinALeaseAreOne(CapturedOutput output) {
		for (int i = 0; i < 100; i++) {
			fail("no answer in time", RETRY);
			succeed(Duration.ofSeconds(14));
		}
		assertThat(lines(output)).containsExactly("WARN Backend postgres fails: no answer in time");
		succeed(RETRY.multipliedBy(2));
		fail("no answer in time", RETRY);
		assertThat(lines(output)).hasSize(3).last().isEqualTo("WARN Backend postgres fails: no answer in time");
	}

	@Test
	void theReasonThatLastsIsLogged(CapturedOutput output) {
		fail("terminating connection due to administrator command", RETRY);
		fail("connection 1 refused", RETRY);
		fail("connection 2 refused", Duration.ofMinutes(20));
		assertThat(lines(output)).containsExactly(
				"WARN Backend postgres fails: terminating connection due to administrator command",
				"WARN Backend postgres fails, for 16s by now: connection 2 refused");
	}

	@Test
	void howeverManyReasonsThereAreTheirLinesAreFew(CapturedOutput output) {
		for (char reason = 'a'; reason <= 'z'; reason++) {
			fail("reason " + reason, LEASE.plus(RETRY));
		}
		assertThat(lines(output)).hasSize(10);
	}

	@Test
	void whatDoesNotHealByItselfIsAnErrorThatIsRepeated(CapturedOutput output) {
		fail("terminating connection", RETRY);
		UnusableBackendException unusable = new UnusableBackendException("password authentication failed", null);
		fail(unusable, Duration.ofMinutes(21));
		assertThat(lines(output)).containsExactly("WARN Backend postgres fails: terminating connection",
				"ERROR Backend postgres cannot be used, for 2s by now: password authentication failed",
				"ERROR Backend postgres cannot be used, for 602s by now: password authentication failed",
				"ERROR Backend postgres cannot be used, for 1202s by now: password authentication failed");
	}

	private void fail(String message, Duration duration) {
		fail(new IllegalStateException(message), duration);
	}

	private void fail(Exception failure, Duration duration) {
		for (long passed = 0; passed < duration.toSeconds(); passed += RETRY.toSeconds()) {
			this.log.failed(failure, failure.getMessage());
			this.time.advance(RETRY);
		}
	}

	private void succeed(Duration duration) {
		for (long passed = 0; passed < duration.toSeconds(); passed += RETRY.toSeconds()) {
			this.log.succeeded();
			this.time.advance(RETRY);
		}
	}

	/** Levels and messages. */
	private static List<String> lines(CapturedOutput output) {
		return output.toString()
			.lines()
			.filter((line) -> line.contains("Backend postgres") && !line.contains("DEBUG"))
			.map((line) -> line.replaceFirst(".*(WARN|INFO|ERROR).*(Backend postgres)", "$1 $2"))
			.toList();
	}

}
