package io.election.runtime;

import java.time.Duration;

import io.election.ElectionState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DefaultLeaderElectionsTests {

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final TestNode node = new TestNode("node", this.time, this.backend, "a");

	@AfterEach
	void close() {
		this.backend.proceed();
		this.node.close();
	}

	@Test
	void leads() {
		this.node.start().awaitLeading("a");
		assertThat(this.node.election("a").state()).isEqualTo(ElectionState.LEADER);
		for (int i = 0; i < 20; i++) {
			this.node.pass(Duration.ofSeconds(2));
		}
		assertThat(this.node.election("a").isLeader()).isTrue();
		assertThat(this.backend.calls).isEmpty();
	}

}
