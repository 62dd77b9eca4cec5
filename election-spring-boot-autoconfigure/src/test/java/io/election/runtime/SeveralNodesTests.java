package io.election.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Several applications that take part in the same elections.
 */
class SeveralNodesTests {

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final List<TestNode> nodes = new ArrayList<>();

	private final Set<TestNode> stopped = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean done = new AtomicBoolean();

	private final Map<String, String> overlaps = new ConcurrentHashMap<>();

	private final List<Thread> watchers = new ArrayList<>();

	@AfterEach
	void close() throws InterruptedException {
		this.done.set(true);
		for (Thread watcher : this.watchers) {
			watcher.join();
		}
		this.nodes.forEach(TestNode::close);
		assertThat(this.overlaps).isEmpty();
	}

	@Test
	void twoNodesNeverLeadTogetherWhileTheyResignInTurns() {
		resignInTurns(2, 200);
	}

	@Test
	void threeNodesNeverLeadTogetherWhileTheyResignInTurns() {
		resignInTurns(3, 100);
	}

	private void resignInTurns(int count, int rounds) {
		start(count, "a");
		watch("a");
		String former = "";
		long token = 0;
		for (int round = 0; round < rounds; round++) {
			TestNode leader = awaitLeader("a");
			assertThat(leader.election("a").candidateId()).isNotEqualTo(former);
			assertThat(leader.token("a")).isGreaterThan(token);
			token = leader.token("a");
			former = leader.election("a").candidateId();
			for (TestNode node : this.nodes) {
				TestNode
					.await(() -> node.election("a").leader().map((known) -> known.fencingToken()).orElse(0L) == leader
						.token("a"));
			}
			leader.election("a").resign();
			leader.awaitEvent("revoked a " + token + " RESIGNED");
		}
	}

	@Test
	void nodesThatStopAndStartLeadInTurnsToo() {
		start(3, "a");
		watch("a");
		for (int round = 0; round < 30; round++) {
			TestNode leader = awaitLeader("a");
			leader.stop();
			awaitLeader("a");
			leader.start();
		}
	}

	@Test
	void neverDoTwoLeadWhateverTheyDoAndWhateverTheBackendDoes() {
		Random random = new Random(42);
		start(3, "a");
		this.nodes.forEach((node) -> node.orderly = false);
		watch("a");
		for (int round = 0; round < 2000; round++) {
			TestNode node = this.nodes.get(random.nextInt(3));
			switch (random.nextInt(14)) {
				case 0 -> node.election("a").resign(Duration.ofMillis(random.nextInt(3000)));
				case 1 -> node.election("a").pause();
				case 2, 3 -> node.election("a").resume();
				case 4 -> node.elections.stop(() -> this.stopped.add(node));
				case 5, 6 -> startAgain(node);
				case 7 -> fail(random.nextBoolean());
				case 8, 9 -> this.backend.fail(null);
				case 10 -> this.backend.lostAnswers = (call) -> null;
				default -> this.time.advance(Duration.ofMillis(random.nextInt(4000)));
			}
			if (round % 5 == 0) {
				this.nodes.forEach(TestNode::settle);
			}
		}
		this.backend.fail(null);
		this.backend.lostAnswers = (call) -> null;
		for (TestNode node : this.nodes) {
			node.stop();
			node.start();
			node.election("a").resume();
		}
		awaitLeader("a");
		List<Long> tokens = this.nodes.stream()
			.flatMap((node) -> node.events.stream())
			.filter((event) -> event.startsWith("granted"))
			.map((event) -> Long.valueOf(event.substring("granted a ".length())))
			.toList();
		assertThat(tokens).doesNotHaveDuplicates().hasSizeGreaterThan(10);
		for (TestNode node : this.nodes) {
			assertThat(node.events.stream()
				.filter((event) -> event.startsWith("granted"))
				.map((event) -> Long.valueOf(event.substring("granted a ".length()))))
				.isSortedAccordingTo(Comparator.naturalOrder());
		}
	}

	@Test
	void aNodeThatIsCutOffGivesWayAndTheOtherTakesOverWhenTheLeaseHasRunOut() {
		TestBackend line = new TestBackend(this.backend);
		TestNode leader = new TestNode("leader", this.time, line, "a").start().awaitLeading("a");
		TestNode other = new TestNode("other", this.time, this.backend, "a").start();
		this.nodes.addAll(List.of(leader, other));
		TestNode.await(() -> other.election("a").leader().isPresent());
		line.fail(new IllegalStateException("cut off"));
		Duration step = Duration.ofMillis(100);
		for (Duration passed = step; passed.compareTo(TestNode.TIMING.leaseDuration()) < 0; passed = passed
			.plus(step)) {
			this.time.advance(step);
			assertThat(leader.election("a").isLeader())
				.isEqualTo(passed.compareTo(TestNode.TIMING.renewDeadline()) < 0);
			this.nodes.forEach(TestNode::settle);
			assertThat(other.election("a").isLeader()).isFalse();
		}
		leader.awaitEvent("revoked a 1 EXPIRED");
		other.pass(step);
		other.awaitLeading("a");
		line.fail(null);
		for (int i = 0; i < 20; i++) {
			this.nodes.forEach((node) -> node.pass(Duration.ofSeconds(1)));
		}
		assertThat(leader.election("a").isLeader()).isFalse();
		assertThat(leader.election("a").leader()).isEqualTo(other.election("a").leader());
	}

	private void fail(boolean before) {
		IllegalStateException failure = new IllegalStateException("connection reset");
		if (before) {
			this.backend.fail(failure);
		}
		else {
			this.backend.lostAnswers = (call) -> failure;
		}
	}

	/** Not before it has stopped, for which time may need to pass. */
	private void startAgain(TestNode node) {
		if (this.stopped.remove(node)) {
			node.start();
		}
	}

	private void start(int count, String name) {
		for (int i = 0; i < count; i++) {
			this.nodes.add(new TestNode("n" + i, this.time, this.backend, name).start());
		}
	}

	private TestNode awaitLeader(String name) {
		AtomicInteger waited = new AtomicInteger();
		TestNode.await(() -> {
			if (waited.incrementAndGet() % 20 == 0) {
				// Whoever came second waits a little before it tries again
				this.nodes.forEach((node) -> node.pass(Duration.ofMillis(50)));
			}
			return leader(name) != null;
		});
		TestNode leader = leader(name);
		assertThat(leader).isNotNull();
		leader.awaitLeading(name);
		return leader;
	}

	private TestNode leader(String name) {
		return this.nodes.stream().filter((node) -> node.election(name).isLeader()).findFirst().orElse(null);
	}

	/**
	 * Asks all nodes over and over. Whoever leads at the end of a round of questions and
	 * led with the same token at its begin has led all the time.
	 */
	private void watch(String name) {
		Thread watcher = new Thread(() -> {
			while (!this.done.get()) {
				List<Long> before = tokens(name);
				List<Long> after = tokens(name);
				long leading = 0;
				for (int i = 0; i < before.size(); i++) {
					leading += (before.get(i) >= 0 && before.get(i).equals(after.get(i))) ? 1 : 0;
				}
				if (leading > 1) {
					this.overlaps.put(name, before + " " + after);
				}
			}
		});
		watcher.start();
		this.watchers.add(watcher);
	}

	private List<Long> tokens(String name) {
		return this.nodes.stream().map((node) -> node.token(name)).toList();
	}

}
