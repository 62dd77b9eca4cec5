package io.election.core;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static io.election.core.Samples.ME;
import static io.election.core.Samples.OTHERS;
import static io.election.core.Samples.TIMING;
import static io.election.core.Samples.look;
import static io.election.core.Samples.seen;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Stopped}.
 */
class StoppedTests {

	private static final Stopped STOPPED = new Stopped(ME, 5);

	@Test
	void nothingMovesIt() {
		Step stay = Step.stay(STOPPED);
		assertThat(STOPPED.tick(TIMING, 1)).isEqualTo(stay);
		assertThat(STOPPED.hint(TIMING, 1, null)).isEqualTo(stay);
		assertThat(STOPPED.answered(TIMING, 1, look(0), seen(OTHERS))).isEqualTo(stay);
		assertThat(STOPPED.listenersFinished(TIMING, 1, 5)).isEqualTo(stay);
		assertThat(STOPPED.resign(TIMING, 1, Duration.ZERO)).isEqualTo(stay);
		assertThat(STOPPED.pause(TIMING, 1, Reason.PAUSED)).isEqualTo(stay);
		assertThat(STOPPED.resume(TIMING, 1)).isEqualTo(stay);
	}

	@Test
	void whoStopsItAgainIsToldAgain() {
		assertThat(STOPPED.stop(TIMING, 1, Duration.ZERO)).isEqualTo(new Step(STOPPED, List.of(new Effect.Stopped())));
	}

	@Test
	void knowsNobodyAndWaitsForNothing() {
		assertThat(STOPPED.leader()).isNull();
		assertThat(STOPPED.goal()).isEqualTo(Goal.STOP);
		assertThat(STOPPED.wakeAt(TIMING)).isEqualTo(Timing.NEVER);
		assertThat(STOPPED.highestTerm()).isEqualTo(5);
		assertThat(STOPPED.self()).isEqualTo(ME);
	}

}
