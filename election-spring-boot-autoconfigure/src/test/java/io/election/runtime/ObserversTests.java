package io.election.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.election.ElectionEvent;
import io.election.ElectionObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What observers are told of elections.
 */
@ExtendWith(OutputCaptureExtension.class)
class ObserversTests {

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final Recorder recorder = new Recorder();

	@Test
	void observersAreToldWhatATermIsMadeOf() {
		try (TestNode node = node(this.recorder)) {
			node.start().awaitLeading("a");
			node.pass(TestNode.TIMING.retryPeriod());
			node.listener = (event) -> {
				throw new IllegalStateException("no work");
			};
			node.elections.leave("a");
			TestNode.await(() -> this.recorder.news.contains("left a"));
		}
		assertThat(this.recorder.news).filteredOn((news) -> !news.startsWith("listened") && !news.startsWith("hinted"))
			.containsExactly("joined a", "ACQUIRE a HELD", "RENEW a HELD", "left a");
		assertThat(this.recorder.news).contains("listened LeadershipGrantedEvent, failed: false",
				"listened LeadershipRevokedEvent, failed: true");
	}

	@Test
	void observersAreToldOfARelease() {
		try (TestNode node = node(this.recorder)) {
			node.start().awaitLeading("a");
			node.elections.leave("a");
			TestNode.await(() -> this.recorder.news.contains("left a"));
		}
		assertThat(this.recorder.news).contains("RELEASE a RELEASED");
	}

	@Test
	void observersAreToldOfOutages() {
		try (TestNode node = node(this.recorder)) {
			node.start().awaitLeading("a");
			this.backend.fail(new IllegalStateException("down"));
			node.pass(TestNode.TIMING.retryPeriod());
			TestNode.await(() -> this.recorder.news.contains("RENEW a UNKNOWN"));
			this.backend.fail(null);
		}
	}

	@Test
	void anObserverThatThrowsDisturbsNobody(CapturedOutput output) {
		ElectionObserver failing = new ElectionObserver() {
			@Override
			public void joined(String election) {
				throw new IllegalStateException("not me");
			}
		};
		try (TestNode node = node(failing, this.recorder)) {
			node.start().awaitLeading("a");
		}
		TestNode.await(() -> this.recorder.news.contains("joined a"));
		assertThat(output).contains("An observer of elections failed").contains("not me");
	}

	@Test
	void observersAreToldForHowLongNobodyWasKnownToLead() {
		try (TestNode node = node(this.recorder)) {
			node.start().awaitLeading("a");
			node.election("a").resign(Duration.ofSeconds(5));
			node.settle();
			node.passUntil(node.election("a")::isLeader);
			TestNode.await(() -> this.recorder.vacancies.size() == 1);
			assertThat(this.recorder.vacancies.get(0)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(8));
		}
	}

	@Test
	void nothingWaitsForAnObserver() {
		CountDownLatch end = new CountDownLatch(1);
		ElectionObserver blocking = new ElectionObserver() {
			@Override
			public void joined(String election) {
				TestNode.await(end);
			}
		};
		try (TestNode node = node(blocking, this.recorder)) {
			node.start().awaitLeading("a");
			for (int i = 0; i < 20; i++) {
				node.pass(TestNode.TIMING.retryPeriod());
			}
			assertThat(node.election("a").isLeader()).isTrue();
			assertThat(this.recorder.news).isEmpty();
			end.countDown();
			TestNode.await(() -> this.recorder.news.contains("RENEW a HELD"));
			assertThat(this.recorder.news.get(0)).isEqualTo("joined a");
		}
	}

	@Test
	void observersThatDoNotKeepUpMissSomething(CapturedOutput output) {
		Deque<Runnable> threads = new ArrayDeque<>();
		Observers observers = new Observers(List.of(this.recorder), threads::add);
		for (int i = 0; i < 2 * Observers.MOST_PENDING; i++) {
			observers.hinted("a");
		}
		threads.remove().run();
		assertThat(this.recorder.news).hasSize(Observers.MOST_PENDING);
		assertThat(output).containsOnlyOnce("do not keep up");
		observers.hinted("a");
		threads.remove().run();
		assertThat(this.recorder.news).hasSize(Observers.MOST_PENDING + 1);
	}

	@Test
	void observersThatDoNotKeepUpAreToldWhatElectionsThereAre() {
		Deque<Runnable> threads = new ArrayDeque<>();
		Observers observers = new Observers(List.of(this.recorder), threads::add);
		for (int i = 0; i < 2 * Observers.MOST_PENDING; i++) {
			observers.hinted("a");
		}
		observers.joined("b");
		observers.left("a");
		threads.remove().run();
		assertThat(this.recorder.news).endsWith("joined b", "left a");
	}

	private TestNode node(ElectionObserver... observers) {
		return new TestNode("node", this.time, this.backend, List.of(observers), TestNode.STOP_TIMEOUT, "a");
	}

	private static final class Recorder implements ElectionObserver {

		private final List<String> news = new CopyOnWriteArrayList<>();

		private final List<Duration> vacancies = new CopyOnWriteArrayList<>();

		@Override
		public void joined(String election) {
			this.news.add("joined " + election);
		}

		@Override
		public void left(String election) {
			this.news.add("left " + election);
		}

		@Override
		public void attempted(String election, Attempt attempt, Outcome outcome, Duration took) {
			assertThat(took).isGreaterThanOrEqualTo(Duration.ZERO);
			this.news.add(attempt + " " + election + " " + outcome);
		}

		@Override
		public void hinted(String election) {
			this.news.add("hinted " + election);
		}

		@Override
		public void leaderFound(String election, Duration vacancy) {
			this.vacancies.add(vacancy);
		}

		@Override
		public void listened(ElectionEvent event, Duration took, boolean failed) {
			assertThat(took).isGreaterThanOrEqualTo(Duration.ZERO);
			this.news.add("listened " + event.getClass().getSimpleName() + ", failed: " + failed);
		}

	}

}
