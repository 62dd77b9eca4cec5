package io.election.runtime;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.election.LeadershipGrantedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many elections in one application.
 */
class ManyElectionsTests {

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final CountDownLatch unblock = new CountDownLatch(1);

	private TestNode node;

	@AfterEach
	void close() {
		this.unblock.countDown();
		this.node.close();
		TestNode.await(() -> threads() == 0);
	}

	@Test
	void twoThousandElectionsHaveAsManyThreadsAsOne() {
		List<String> names = names(2000);
		this.node = new TestNode("node", this.time, this.backend, names.toArray(String[]::new));
		AtomicInteger most = new AtomicInteger();
		AtomicInteger granted = new AtomicInteger();
		this.node.listener = (event) -> {
			if (event instanceof LeadershipGrantedEvent && granted.incrementAndGet() % 50 == 0) {
				most.accumulateAndGet(threads(), Math::max);
			}
		};
		this.node.start();
		TestNode.await(() -> granted.get() == 2000);
		assertThat(names).allMatch((name) -> this.node.election(name).isLeader());
		assertThat(most.get()).as("loop, store, watch, keep-alive and those of listeners")
			.isLessThanOrEqualTo(4 + EventPool.FEW);
		this.node.settle();
		long renewals = this.backend.count("renew");
		for (int i = 0; i < 10; i++) {
			this.node.pass(Duration.ofSeconds(2));
		}
		assertThat(this.backend.count("renew")).as("two batches every time").isEqualTo(renewals + 20);
		assertThat(names).allMatch((name) -> this.node.election(name).isLeader());
		this.node.stop();
		assertThat(this.node.events).filteredOn((event) -> event.startsWith("revoked")).hasSize(2000);
	}

	@Test
	void thousandsOfElectionsAreJoinedAndLeftOneByOne() {
		this.node = new TestNode("node", this.time, this.backend, "first").start();
		this.node.orderly = false;
		List<String> names = names(3000);
		names.forEach(this.node.elections::join);
		TestNode.await(() -> names.stream().allMatch((name) -> this.node.election(name).isLeader()));
		names.subList(0, 1500).forEach(this.node.elections::leave);
		assertThat(this.node.elections.names()).hasSize(1501);
		this.node.stop();
		assertThat(this.backend.count("release")).isLessThan(3000);
	}

	@Test
	void listenersThatBlockCostTheEventsOfTheirOwnElectionsOnly() {
		List<String> names = names(100);
		this.node = new TestNode("node", this.time, this.backend, names.toArray(String[]::new));
		AtomicInteger blocked = new AtomicInteger();
		this.node.listener = (event) -> {
			if (!event.getElection().equals("other")) {
				blocked.incrementAndGet();
				TestNode.await(this.unblock);
			}
		};
		this.node.start();
		TestNode.await(() -> {
			this.time.advance(Duration.ofMillis(10));
			this.node.elections.session().nudge();
			return blocked.get() == 100;
		});
		this.time.advance(Duration.ofNanos(EventPool.PATIENCE_NANOS));
		this.node.elections.join("other");
		this.node.awaitLeading("other");
		this.node.election("other").resign(Duration.ZERO);
		this.node.awaitEvent("revoked other 1 RESIGNED");
		this.node.awaitEvent("granted other 2");
		for (int i = 0; i < 20; i++) {
			this.node.pass(Duration.ofSeconds(1));
		}
		assertThat(names).as("blocked listeners cost no lease").allMatch((name) -> this.node.election(name).isLeader());
	}

	private static List<String> names(int count) {
		return IntStream.range(0, count).mapToObj((i) -> "e" + i).toList();
	}

	private static int threads() {
		return (int) Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("election") || thread.getName().startsWith("election-"))
			.count();
	}

}
