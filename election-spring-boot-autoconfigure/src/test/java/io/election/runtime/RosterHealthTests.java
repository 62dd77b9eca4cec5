package io.election.runtime;

import java.time.Duration;

import io.election.runtime.RosterHealth.Use;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class RosterHealthTests {

	private static final Duration LEASE = Duration.ofSeconds(15);

	private static final Throwable DENIED = new IllegalStateException("permission denied");

	private final TestTime time = new TestTime();

	private boolean outage;

	private final RosterHealth health = new RosterHealth(() -> this.outage, this.time, LEASE);

	@Test
	void whatFailsForALeaseIsAWarningUntilItSucceeds(CapturedOutput output) {
		this.health.outcome(Use.WRITE, DENIED);
		this.time.advance(LEASE.minusNanos(1));
		this.health.outcome(Use.WRITE, DENIED);
		assertThat(this.health.warning()).isNull();
		this.time.advance(Duration.ofNanos(1));
		this.health.outcome(Use.WRITE, DENIED);
		this.health.outcome(Use.WRITE, DENIED);
		assertThat(this.health.warning())
			.isEqualTo("The list of candidates cannot be written, elections go on without it: permission denied");
		this.health.outcome(Use.READ, null);
		assertThat(this.health.warning()).isNotNull();
		this.health.outcome(Use.WRITE, null);
		assertThat(this.health.warning()).isNull();
		assertThat(output.toString().lines().filter((line) -> line.contains("WARN"))).hasSize(1);
		assertThat(output.toString().lines().filter((line) -> line.contains("INFO"))).singleElement()
			.asString()
			.endsWith("The list of candidates is complete again");
	}

	@Test
	void isNoNewsWhileElectionsFailAsWell(CapturedOutput output) {
		this.health.outcome(Use.WRITE, DENIED);
		this.outage = true;
		this.time.advance(LEASE);
		this.health.outcome(Use.WRITE, DENIED);
		this.outage = false;
		this.health.outcome(Use.WRITE, DENIED);
		assertThat(this.health.warning()).isNull();
		assertThat(output).doesNotContain("WARN");
	}

}
