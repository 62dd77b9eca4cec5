package io.election.samples.forwarding;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that replicas are replaced under load as {@link RollingRestart} shows it.
 */
@Timeout(value = 240, threadMode = ThreadMode.SEPARATE_THREAD)
class RollingRestartIT {

	@Test
	void noRequestIsLostAndLeadersShutDownInOrder() throws Exception {
		assertThat(new RollingRestart(System.out).run()).isEmpty();
	}

}
