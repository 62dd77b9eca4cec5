package io.election.runtime;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.election.ElectionEvent;
import io.election.ElectionObserver;
import io.election.ElectionReport;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is said of listeners that do not return, such as those that do the work of the
 * leader themselves.
 */
@ExtendWith(OutputCaptureExtension.class)
class BlockingListenersTests {

	private static final Duration LEASE = TestNode.TIMING.leaseDuration();

	private final TestTime time = new TestTime();

	private final List<String> observed = new CopyOnWriteArrayList<>();

	private final TestNode node = new TestNode("node", this.time, new TestBackend(this.time), List.of(new Observer()),
			TestNode.STOP_TIMEOUT, "a");

	private final LeaderElection election = this.node.election("a");

	private final CountDownLatch unblock = new CountDownLatch(1);

	@BeforeEach
	void start() {
		CountDownLatch blocked = new CountDownLatch(1);
		this.node.listener = (event) -> {
			if (event instanceof LeadershipGrantedEvent) {
				blocked.countDown();
				TestNode.await(this.unblock);
			}
		};
		this.node.start();
		TestNode.await(blocked);
	}

	@AfterEach
	void close() {
		this.unblock.countDown();
		this.node.close();
	}

	@Test
	void afterALeaseItIsWarnedOfOnceWithItsThreadAndStack(CapturedOutput output) {
		pass(LEASE.minusMillis(1));
		assertThat(output).doesNotContain("has not returned");
		assertThat(report().warnings()).isEmpty();
		pass(LEASE);
		pass(LEASE);
		assertThat(output.toString()).containsOnlyOnce("has not returned");
		assertThat(output)
			.contains("Election 'a': A listener of LeadershipGrantedEvent has not returned for 15 s, on thread "
					+ "'election-events'", "at ", "io.election.runtime.BlockingListenersTests");
		assertThat(report().warnings()).singleElement().asString().contains("has not returned for 44 s");
		assertThat(report().lastError()).as("it leads on").isNull();
		assertThat(this.election.isLeader()).isTrue();
	}

	@Test
	void aCandidateThatCannotCompeteForThatReasonSaysSo() {
		this.election.resign();
		pass(LEASE.minusMillis(1));
		assertThat(report().lastError()).isNull();
		pass(Duration.ofMillis(1));
		assertThat(report().lastError()).contains("does not compete",
				"A listener of LeadershipGrantedEvent has not returned");
		assertThat(report().lastErrorAt()).isNull();
		this.unblock.countDown();
		this.node.awaitEvent("revoked a 1 RESIGNED");
		TestNode.await(() -> report().lastError() == null && report().warnings().isEmpty());
	}

	@Test
	void observersSeeThatListenersAreAtWork() {
		TestNode.await(() -> this.observed.equals(List.of("begin LeadershipGrantedEvent")));
		this.unblock.countDown();
		TestNode.await(() -> this.observed.size() >= 4);
		assertThat(this.observed).containsExactly("begin LeadershipGrantedEvent", "end LeadershipGrantedEvent",
				"begin LeaderChangedEvent", "end LeaderChangedEvent");
	}

	@Test
	void nothingIsSaidAfterAStop() {
		this.node.elections.stop(() -> {
		});
		pass(TestNode.STOP_TIMEOUT);
		TestNode.await(() -> !this.node.elections.session().isListening());
		assertThat(report().warnings()).isEmpty();
		assertThat(report().lastError()).isNull();
		assertThat(this.node.events).noneMatch((event) -> event.startsWith("revoked"));
	}

	/** In steps, so that the lease is renewed. */
	private void pass(Duration duration) {
		for (Duration left = duration; !left.isNegative() && !left.isZero(); left = left.minusSeconds(1)) {
			this.time.advance((left.compareTo(Duration.ofSeconds(1)) < 0) ? left : Duration.ofSeconds(1));
			TestNode.await(this.node.elections::catchUp);
		}
	}

	private ElectionReport report() {
		return this.node.elections.report("a");
	}

	private class Observer implements ElectionObserver {

		@Override
		public void listening(ElectionEvent event) {
			BlockingListenersTests.this.observed.add("begin " + event.getClass().getSimpleName());
		}

		@Override
		public void listened(ElectionEvent event, Duration took, boolean failed) {
			BlockingListenersTests.this.observed.add("end " + event.getClass().getSimpleName());
		}

	}

}
