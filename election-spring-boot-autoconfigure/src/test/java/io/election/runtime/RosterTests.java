package io.election.runtime;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On one thread; calls to the store are carried out when a test says so.
 */
class RosterTests {

	private static final Duration RETRY = TestNode.TIMING.retryPeriod();

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final StoreWorker worker = new StoreWorker(this.backend.open(Duration.ofSeconds(1)), this.time,
			(replies) -> {
			}, (kind, failure, took) -> {
			});

	private final SerialLoop loop = new SerialLoop(this.time, this::write);

	private final Roster roster = new Roster(TestNode.settings("node", TestNode.STOP_TIMEOUT), Map.of(),
			TestNode.TIMING.leaseDuration(), this.loop, this.worker,
			new RosterHealth(() -> false, this.time, TestNode.TIMING.leaseDuration()));

	@Test
	void howeverManyElectionsAreLeftTheyWaitAsOneRequest() {
		turn(() -> this.roster.joined("stays"));
		work();
		for (int i = 0; i < 1000; i++) {
			String election = "a" + i;
			turn(() -> this.roster.joined(election));
			turn(() -> this.roster.left(election));
			this.time.advance(Duration.ofMillis(2));
		}
		assertThat(this.worker.received()).isLessThanOrEqualTo(3);
		work();
		this.time.advance(RETRY);
		turn(() -> {
		});
		work();
		assertThat(this.backend.calls).filteredOn((call) -> call.startsWith("unregister")).hasSize(2);
		assertThat(this.backend.calls).filteredOn((call) -> call.startsWith("register"))
			.last()
			.isEqualTo("register [stays]");
	}

	@Test
	void whatCouldNotBeTakenOutIsTakenOutLaterUnlessItIsJoinedAgain() {
		turn(() -> {
			this.roster.joined("a");
			this.roster.joined("b");
			this.roster.joined("c");
		});
		work();
		this.backend.failures = (call) -> call.startsWith("unregister") ? new IllegalStateException("closed") : null;
		turn(() -> {
			this.roster.left("a");
			this.roster.left("b");
		});
		work();
		turn(() -> this.roster.joined("b"));
		this.backend.fail(null);
		for (int i = 0; i < 3; i++) {
			this.time.advance(RETRY);
			turn(() -> {
			});
			work();
		}
		assertThat(this.backend.calls).filteredOn((call) -> call.startsWith("unregister"))
			.containsExactly("unregister [a, b]", "unregister [a]");
		assertThat(this.backend.calls).filteredOn((call) -> call.startsWith("register"))
			.containsExactly("register [a, b, c]", "register [b, c]");
	}

	private void write() {
		this.roster.write();
	}

	private void turn(Runnable input) {
		this.loop.submit(input);
		this.loop.turn();
	}

	private void work() {
		for (Runnable work = this.worker.nextWork(); work != null; work = this.worker.nextWork()) {
			work.run();
		}
		this.loop.turn();
	}

}
