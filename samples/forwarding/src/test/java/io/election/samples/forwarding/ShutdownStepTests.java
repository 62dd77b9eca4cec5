package io.election.samples.forwarding;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link ShutdownStep}.
 */
class ShutdownStepTests {

	@Test
	void findsStepsAsTheyCome() {
		assertThat(ShutdownStep.in(List.of("12:00 Leads, with token 1", "12:01 The lease: RELEASED",
				"12:02 The work of token 1 is finished", "12:03 The lease: RELEASED")))
			.containsExactly(ShutdownStep.RELEASED, ShutdownStep.WORK_DONE, ShutdownStep.RELEASED);
	}

	@Test
	void findsNoReleaseWithoutAnAnswer() {
		assertThat(ShutdownStep.in(List.of("12:01 The lease: UNKNOWN"))).isEmpty();
	}

}
