package io.election.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import io.election.ElectionEvent;
import io.election.ElectionState;
import io.election.LeaderChangedEvent;
import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipListener;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import io.election.core.LeaseRecord;
import io.election.store.Backend;
import io.election.store.LeaseStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * How elections start and stop.
 */
@ExtendWith(OutputCaptureExtension.class)
class StopTests {

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final TestNode node = new TestNode("node", this.time, this.backend, "a");

	private final LeaderElection election = this.node.election("a");

	private final AtomicInteger callbacks = new AtomicInteger();

	private final CountDownLatch unblock = new CountDownLatch(1);

	@AfterEach
	void close() {
		this.unblock.countDown();
		this.backend.proceed();
		this.node.close();
		assertThat(this.backend.closed.get()).isEqualTo(this.backend.opened.get());
		TestNode.await(() -> electionThreads().isEmpty());
	}

	@Test
	void aStopTellsTheEndThenGivesTheLeaseBackThenCallsBack() {
		List<String> order = new CopyOnWriteArrayList<>();
		this.node.start().awaitLeading("a");
		this.node.listener = (event) -> {
			if (event instanceof LeadershipRevokedEvent) {
				order.add("revoked, record " + this.backend.record("a").getClass().getSimpleName());
			}
		};
		this.node.elections.stop(() -> {
			order.add("callback, record " + this.backend.record("a").getClass().getSimpleName());
			this.callbacks.incrementAndGet();
		});
		assertThat(this.election.isLeader()).isFalse();
		assertThat(this.node.elections.isRunning()).isFalse();
		TestNode.await(() -> this.callbacks.get() == 1);
		assertThat(order).containsExactly("revoked, record Held", "callback, record Vacant");
		assertThat(this.election.state()).isEqualTo(ElectionState.UNKNOWN);
		assertThat(this.node.events).containsExactly("granted a 1", "changed a nobody -> node/1", "revoked a 1 STOPPED",
				"changed a node/1 -> nobody");
		assertThat(this.backend.calls).endsWith("release [a]", "unregister [a]");
		assertThat(this.backend.closed).hasValue(1);
	}

	@Test
	void nothingIsPublishedAfterTheCallbackHoweverManyEventsThereAre() {
		this.node.orderly = false; // a term may end while its granted event is published
		for (int round = 0; round < 50; round++) {
			AtomicInteger late = new AtomicInteger();
			CountDownLatch called = new CountDownLatch(1);
			this.node.listener = (event) -> {
				if (called.getCount() == 0) {
					late.incrementAndGet();
				}
			};
			this.node.start();
			if (round % 2 == 0) {
				this.node.awaitLeading("a");
			}
			this.node.elections.stop(called::countDown);
			TestNode.await(called);
			int events = this.node.events.size();
			TestNode.await(() -> electionThreads().isEmpty());
			assertThat(this.node.events).hasSize(events);
			assertThat(late).hasValue(0);
			this.node.events.clear();
		}
	}

	@Test
	void aFollowerThatStopsDoesNotSayThatNobodyLeads() {
		this.backend.steal("a");
		this.node.start();
		this.node.awaitEvent("changed a nobody -> stranger/1");
		this.node.stop();
		assertThat(this.node.events).containsExactly("changed a nobody -> stranger/1");
		assertThat(this.election.leader()).isEmpty();
	}

	@Test
	void aBlockingStopReturnsWhenEverythingHasStopped() {
		this.node.start().awaitLeading("a");
		this.node.elections.stop();
		assertThat(this.node.events).contains("revoked a 1 STOPPED");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
		assertThat(this.backend.closed).hasValue(1);
	}

	@Test
	void aStopWaitsForListeners() {
		this.node.start().awaitLeading("a");
		CountDownLatch telling = blockAt(LeadershipRevokedEvent.class);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		TestNode.await(telling);
		this.node.settle();
		assertThat(this.callbacks).hasValue(0);
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Held.class);
		this.unblock.countDown();
		TestNode.await(() -> this.callbacks.get() == 1);
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void aStopOfAFollowerWaitsForItsListenersToo() {
		CountDownLatch telling = new CountDownLatch(1);
		this.backend.steal("a");
		this.node.listener = (event) -> {
			telling.countDown();
			TestNode.await(this.unblock);
		};
		this.node.start();
		TestNode.await(telling);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		this.node.settle();
		assertThat(this.callbacks).hasValue(0);
		this.unblock.countDown();
		TestNode.await(() -> this.callbacks.get() == 1);
	}

	@Test
	void aListenerOfTheEndThatDoesNotFinishCostsTheLease(CapturedOutput output) {
		this.node.start().awaitLeading("a");
		CountDownLatch telling = blockAt(LeadershipRevokedEvent.class);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		TestNode.await(telling);
		this.time.advance(TestNode.STOP_TIMEOUT);
		this.node.elections.session().nudge();
		TestNode.await(() -> this.callbacks.get() == 1);
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Held.class);
		assertThat(output).contains("WARN", "Election 'a': the lease was not given back");
	}

	@Test
	void aListenerInFrontThatDoesNotFinishCostsTheEvent(CapturedOutput output) {
		this.node.listener = (event) -> TestNode.await(this.unblock);
		this.node.start().awaitLeading("a");
		this.node.elections.stop(this.callbacks::incrementAndGet);
		this.node.settle();
		this.time.advance(TestNode.STOP_TIMEOUT.minusNanos(1));
		this.node.elections.session().nudge();
		assertThat(this.callbacks).hasValue(0);
		this.time.advance(Duration.ofNanos(1));
		this.node.elections.session().nudge();
		TestNode.await(() -> this.callbacks.get() == 1);
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Held.class);
		assertThat(output).contains("WARN", "Election 'a': the end of the term with token 1 was not announced");
		this.unblock.countDown();
		TestNode.await(() -> electionThreads().isEmpty());
		assertThat(this.node.events).containsExactly("granted a 1");
	}

	@ParameterizedTest
	@ValueSource(classes = { LeadershipGrantedEvent.class, LeaderChangedEvent.class })
	void aListenerMayStopElections(Class<?> type) {
		whenTold(type, () -> {
			this.node.elections.stop(this.callbacks::incrementAndGet);
			assertThat(this.node.events).as("nested").contains("revoked a 1 STOPPED");
			TestNode.await(() -> this.callbacks.get() == 1);
		});
		this.node.start();
		this.node.awaitEvent("stopped");
		assertThat(this.node.events).containsSubsequence("granted a 1", "revoked a 1 STOPPED", "stopped");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@ParameterizedTest
	@ValueSource(classes = { LeadershipGrantedEvent.class, LeaderChangedEvent.class, LeadershipRevokedEvent.class })
	void aListenerMayStopElectionsAndWaitForIt(Class<?> type) {
		whenTold(type, this.node.elections::stop);
		this.node.start();
		if (type == LeadershipRevokedEvent.class) {
			this.node.awaitLeading("a");
			this.election.resign();
		}
		this.node.awaitEvent("stopped");
		assertThat(this.node.events).anyMatch((event) -> event.startsWith("revoked a 1 "));
		assertThat(this.backend.closed).hasValue(1);
	}

	@Test
	void aListenerOfAFollowerMayStopElections() {
		this.backend.steal("a");
		whenTold(LeaderChangedEvent.class, this.node.elections::stop);
		this.node.start();
		this.node.awaitEvent("stopped");
	}

	@Test
	void aListenerOfTheEndThatStopsElectionsIsNotWaitedForAndKeepsTheLease(CapturedOutput output) {
		List<String> subscribed = new CopyOnWriteArrayList<>();
		this.election.subscribe(new LeadershipListener() {

			@Override
			public void onRevoked(Leadership leadership, RevocationReason reason) {
				subscribed.add("revoked " + leadership.fencingToken() + " " + reason);
			}

		});
		whenTold(LeadershipRevokedEvent.class, this.node.elections::stop);
		this.node.start().awaitLeading("a");
		this.election.resign();
		this.node.awaitEvent("stopped");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Held.class);
		assertThat(output).contains("Election 'a': the lease was not given back");
		TestNode.await(() -> subscribed.contains("revoked 1 RESIGNED"));
	}

	@Test
	void listenersMayStopElectionsAgainWithinEachOther() {
		this.node.listener = (event) -> {
			if (event instanceof LeadershipGrantedEvent || event instanceof LeadershipRevokedEvent) {
				this.node.elections.stop();
				this.callbacks.incrementAndGet();
			}
		};
		this.node.start();
		TestNode.await(() -> this.callbacks.get() == 2);
		assertThat(this.node.events).containsSubsequence("granted a 1", "revoked a 1 STOPPED");
	}

	@Test
	void aListenerWhoseThreadWasInterruptedMayStopElections() {
		whenTold(LeadershipGrantedEvent.class, () -> {
			Thread.currentThread().interrupt();
			this.node.elections.stop(this.callbacks::incrementAndGet);
			assertThat(Thread.interrupted()).isTrue();
			assertThat(this.node.events).contains("revoked a 1 STOPPED");
		});
		this.node.start();
		this.node.awaitEvent("stopped");
		TestNode.await(() -> this.callbacks.get() == 1);
	}

	@Test
	void aListenerMayLeaveJoinResignAndPause() {
		Runnable[] calls = { () -> this.node.elections.leave("a"), () -> this.node.elections.join("a"),
				() -> this.election.resign(Duration.ZERO), this.election::pause, this.election::resume,
				() -> this.node.elections.join("b"), () -> this.node.elections.leave("b") };
		this.node.listener = (event) -> {
			if (event instanceof LeadershipGrantedEvent && event.getFencingToken() == 1
					&& event.getElection().equals("a")) {
				for (Runnable call : calls) {
					call.run();
					assertThat(this.election.isLeader()).isFalse();
				}
				this.callbacks.incrementAndGet();
			}
		};
		this.node.start();
		TestNode.await(() -> this.callbacks.get() == 1);
		this.node.awaitLeading("a");
		this.node.awaitEvent("granted a 2");
	}

	@Test
	void aStopWithAClaimUnderWayGivesTheLeaseBackThatIsWon() {
		this.backend.hang((call) -> call.startsWith("acquire"));
		this.node.start();
		TestNode.await(() -> this.backend.hung() == 1);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		this.node.elections.session().nudge();
		assertThat(this.callbacks).hasValue(0);
		this.backend.proceed();
		TestNode.await(() -> this.callbacks.get() == 1);
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
		assertThat(this.backend.calls).contains("acquire [a]", "release [a]");
		assertThat(this.node.events).isEmpty();
	}

	@Test
	void aStopWhileTheBackendFailsLetsTheLeaseRunOut() {
		this.node.start().awaitLeading("a");
		this.backend.failures = (call) -> new IllegalStateException("connection refused");
		this.backend.hang((call) -> call.startsWith("release"));
		this.node.elections.stop(this.callbacks::incrementAndGet);
		this.node.awaitEvent("revoked a 1 STOPPED");
		TestNode.await(() -> this.backend.hung() == 1);
		this.time.advance(TestNode.TIMING.leaseDuration());
		this.backend.proceed();
		TestNode.await(() -> this.callbacks.get() == 1);
		assertThat(this.backend.count("unregister")).as("not worth another timeout").isZero();
	}

	@Test
	void aStopWithARequestThatDoesNotReturnEndsAllTheSame() {
		this.node.start().awaitLeading("a");
		this.node.settle();
		this.backend.hang((call) -> true);
		this.time.advance(TestNode.TIMING.retryPeriod());
		this.node.elections.session().nudge();
		TestNode.await(() -> this.backend.hung() == 1);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		this.node.awaitEvent("revoked a 1 STOPPED");
		this.time.advance(TestNode.STOP_TIMEOUT);
		this.node.elections.session().nudge();
		this.time.advance(TestNode.TIMING.retryPeriod());
		this.node.elections.session().nudge();
		TestNode.await(() -> this.callbacks.get() == 1);
	}

	@Test
	void aStopBeforeTheStartCallsBackAtOnce() {
		this.node.elections.stop(this.callbacks::incrementAndGet);
		assertThat(this.callbacks).hasValue(1);
		this.node.elections.stop();
		assertThat(this.backend.opened).hasValue(0);
		this.node.start().awaitLeading("a");
	}

	@Test
	void eachOfSeveralStopsCallsBackOnceWhenEverythingHasStopped() {
		this.node.start().awaitLeading("a");
		this.node.listener = (event) -> TestNode.await(this.unblock);
		for (int i = 1; i <= 3; i++) {
			this.node.elections.stop(this.callbacks::incrementAndGet);
		}
		assertThat(this.callbacks).hasValue(0);
		this.unblock.countDown();
		TestNode.await(() -> this.callbacks.get() == 3);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		assertThat(this.callbacks).hasValue(4);
		assertThat(this.backend.closed).hasValue(1);
		assertThat(this.backend.count("unregister")).isEqualTo(1);
	}

	@Test
	void aSecondStopDoesNotLeaveTheRosterAgain() {
		this.node.start().awaitLeading("a");
		this.backend.hang((call) -> call.startsWith("unregister"));
		this.node.elections.stop(this.callbacks::incrementAndGet);
		TestNode.await(() -> this.backend.hung() == 1);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		this.backend.proceed();
		TestNode.await(() -> this.callbacks.get() == 2);
		assertThat(this.backend.count("unregister")).isEqualTo(1);
	}

	@Test
	void aSecondStartDoesNothing() {
		this.node.start().awaitLeading("a");
		this.node.start();
		this.node.settle();
		assertThat(this.backend.opened).hasValue(1);
		assertThat(this.node.elections.isRunning()).isTrue();
		assertThat(this.node.token("a")).isEqualTo(1);
	}

	@Test
	void afterAStopANewCandidateMayStartWhichKnowsTheHighestToken() {
		this.node.start().awaitLeading("a");
		String first = nonce();
		this.node.stop();
		this.backend.forget();
		this.node.start().awaitLeading("a");
		assertThat(this.node.token("a")).isEqualTo(2);
		assertThat(nonce()).isNotEqualTo(first);
		assertThat(this.node.elections.isRunning()).isTrue();
	}

	@Test
	void aStartDuringAStopWaitsForItSoThatEventsDoNotMix() {
		this.node.start().awaitLeading("a");
		this.node.awaitEvent("changed a nobody -> node/1");
		Consumer<ElectionEvent> blocking = (event) -> TestNode.await(this.unblock);
		this.node.listener = blocking;
		this.node.elections.stop(this.callbacks::incrementAndGet);
		this.node.start();
		assertThat(this.node.elections.isRunning()).isTrue();
		this.node.awaitEvent("revoked a 1 STOPPED");
		assertThat(this.backend.count("acquire")).isEqualTo(1);
		this.unblock.countDown();
		this.node.awaitLeading("a");
		assertThat(this.callbacks).hasValue(1);
		this.node.awaitEvent("changed a nobody -> node/2");
		assertThat(this.node.events).containsExactly("granted a 1", "changed a nobody -> node/1", "revoked a 1 STOPPED",
				"changed a node/1 -> nobody", "granted a 2", "changed a nobody -> node/2");
	}

	@Test
	void aStartBehindASlowListenerKeepsNobodyWaiting() {
		this.node.start().awaitLeading("a");
		CountDownLatch telling = blockAt(LeadershipRevokedEvent.class);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		TestNode.await(telling);
		this.node.elections.start();
		assertThat(this.node.elections.session().nudge()).isTrue();
		this.time.advance(Duration.ofSeconds(3));
		TestNode.await(() -> this.node.elections.report("a").lastError() == null);
		assertThat(this.node.elections.report("a").warnings()).singleElement()
			.asString()
			.contains("Waits for a listener of the former start");
		this.node.elections.join("b");
		this.node.elections.leave("b");
		assertThat(this.callbacks).hasValue(0);
		assertThat(this.node.events).doesNotContain("granted a 2");
		this.unblock.countDown();
		TestNode.await(() -> this.callbacks.get() == 1);
		this.node.passUntil(this.election::isLeader);
		this.node.awaitEvent("granted a 2");
		assertThat(this.node.elections.report("a").warnings()).isEmpty();
		assertThat(this.node.events).noneMatch((event) -> event.contains(" b "));
	}

	@Test
	void aStopBehindASlowListenerCallsBackAfterIt() {
		this.node.start().awaitLeading("a");
		CountDownLatch telling = blockAt(LeadershipRevokedEvent.class);
		this.node.elections.stop(this.callbacks::incrementAndGet);
		TestNode.await(telling);
		this.node.elections.start();
		this.node.elections.stop(this.callbacks::incrementAndGet);
		assertThat(this.node.elections.session().nudge()).isTrue();
		assertThat(this.callbacks).hasValue(0);
		this.unblock.countDown();
		TestNode.await(() -> this.callbacks.get() == 2);
	}

	@Test
	void aListenerMayRestartElections() {
		this.node.listener = (event) -> {
			if (event instanceof LeadershipGrantedEvent && event.getFencingToken() == 1) {
				this.node.elections.stop();
				this.node.elections.start();
			}
		};
		this.node.start();
		this.node.awaitEvent("granted a 2");
		assertThat(this.node.elections.isRunning()).isTrue();
	}

	@Test
	void manyStopsAndStartsLeaveNothingBehind() {
		for (int i = 1; i <= 30; i++) {
			this.node.start().awaitLeading("a");
			assertThat(this.node.token("a")).isEqualTo(i);
			this.node.stop();
		}
		assertThat(this.backend.closed).hasValue(30);
		TestNode.await(() -> electionThreads().isEmpty());
	}

	@Test
	void callbacksAndStoresThatThrowDoNotKeepAnythingFromStopping(CapturedOutput output) {
		Backend throwing = new Backend() {

			@Override
			public String name() {
				return "throwing";
			}

			@Override
			public void checkName(String election) {
			}

			@Override
			public LeaseStore open(Duration requestTimeout) {
				return new ForwardingStore(StopTests.this.backend.open(requestTimeout)) {

					@Override
					public void close() {
						super.close();
						throw new IllegalStateException("close");
					}

				};
			}

		};
		TestNode unlucky = new TestNode("unlucky", this.time, throwing, "u");
		unlucky.start().awaitLeading("u");
		unlucky.elections.stop(() -> {
			throw new IllegalStateException("callback");
		});
		unlucky.elections.stop(this.callbacks::incrementAndGet);
		TestNode.await(() -> this.callbacks.get() == 1);
		TestNode.await(() -> output.toString().contains("Callback of a stop failed"));
		assertThat(output).contains("Closing the backend failed");
		unlucky.close();
	}

	@Test
	void aBackendThatCannotBeOpenedFailsTheStartWhichMayBeTriedAgain() {
		AtomicInteger attempts = new AtomicInteger();
		Backend failingOnce = new Backend() {

			@Override
			public String name() {
				return "failing once";
			}

			@Override
			public void checkName(String election) {
			}

			@Override
			public LeaseStore open(Duration requestTimeout) {
				if (attempts.getAndIncrement() == 0) {
					throw new IllegalStateException("no driver");
				}
				return StopTests.this.backend.open(requestTimeout);
			}

		};
		TestNode unlucky = new TestNode("unlucky", this.time, failingOnce, "u");
		assertThatIllegalStateException().isThrownBy(unlucky::start).withMessage("no driver");
		assertThat(unlucky.elections.isRunning()).isFalse();
		assertThat(unlucky.election("u").state()).isEqualTo(ElectionState.UNKNOWN);
		unlucky.start().awaitLeading("u");
		unlucky.close();
	}

	@Test
	void theJvmIsKeptAliveFromStartToStop() {
		this.node.start();
		assertThat(threads("election-keep-alive")).singleElement().satisfies((thread) -> {
			assertThat(thread.isDaemon()).isFalse();
			thread.interrupt();
		});
		this.node.awaitLeading("a");
		assertThat(threads("election-keep-alive")).as("whatever interrupts it").hasSize(1);
		this.node.elections.stop();
		TestNode.await(() -> threads("election-keep-alive").isEmpty());
	}

	@Test
	void theJvmIsNotKeptAliveIfNotWanted() {
		this.node.orderly = false; // the term may just have begun when it stops
		ElectionSettings settings = TestNode.settings("batch", TestNode.STOP_TIMEOUT, "b");
		DefaultLeaderElections batch = new DefaultLeaderElections(
				new ElectionSettings(true, settings.timing(), "batch", settings.attributes(), settings.elections(),
						settings.stopTimeout(), 0, true, false, false, 1),
				this.backend, this.node, List::of, this.time, this.time);
		batch.start();
		assertThat(electionThreads()).isNotEmpty();
		assertThat(threads("election-keep-alive")).isEmpty();
		batch.stop();
	}

	@Test
	void theEndOfTheBeanStopsElectionsThatNobodyHasStopped() {
		this.node.start().awaitLeading("a");
		this.node.elections.destroy();
		assertThat(this.node.events).contains("revoked a 1 STOPPED");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
		assertThat(this.node.elections.isRunning()).isFalse();
		this.node.elections.stop();
		this.node.elections.destroy();
		assertThat(this.backend.closed).hasValue(1);
	}

	@Test
	void electionsThatAreDisabledDoNotStart() {
		ElectionSettings enabled = TestNode.settings("node", TestNode.STOP_TIMEOUT, "a");
		DefaultLeaderElections disabled = new DefaultLeaderElections(
				new ElectionSettings(false, enabled.timing(), "node", enabled.attributes(), enabled.elections(),
						enabled.stopTimeout(), 0, true, false, true, 1),
				this.backend, this.node, List::of, this.time, this.time);
		disabled.start();
		disabled.join("b");
		assertThat(disabled.isRunning()).isFalse();
		assertThat(this.backend.opened).hasValue(0);
		disabled.stop(this.callbacks::incrementAndGet);
		assertThat(this.callbacks).hasValue(1);
	}

	@Test
	void theApplicationsClassLoaderIsThatOfListeners() {
		List<ClassLoader> loaders = new ArrayList<>();
		InheritableThreadLocal<String> context = new InheritableThreadLocal<>();
		List<String> contexts = new ArrayList<>();
		this.node.listener = (event) -> {
			loaders.add(Thread.currentThread().getContextClassLoader());
			contexts.add(context.get());
		};
		ClassLoader before = Thread.currentThread().getContextClassLoader();
		ClassLoader application = new ClassLoader(before) {
		};
		Thread.currentThread().setContextClassLoader(application);
		context.set("of who starts the application");
		try {
			this.node.start();
		}
		finally {
			Thread.currentThread().setContextClassLoader(before);
			context.remove();
		}
		this.node.awaitLeading("a");
		this.node.stop();
		assertThat(loaders).isNotEmpty().containsOnly(application);
		assertThat(contexts).containsOnlyNulls();
	}

	/** Has the listener of such events block; returns what tells that it does. */
	private CountDownLatch blockAt(Class<?> type) {
		CountDownLatch telling = new CountDownLatch(1);
		this.node.listener = (event) -> {
			if (type.isInstance(event)) {
				telling.countDown();
				TestNode.await(this.unblock);
			}
		};
		return telling;
	}

	private void whenTold(Class<?> type, Runnable task) {
		this.node.listener = (event) -> {
			if (type.isInstance(event) && !this.node.events.contains("telling")) {
				this.node.events.add("telling");
				task.run();
				this.node.events.add("stopped");
			}
		};
	}

	private String nonce() {
		return ((LeaseRecord.Held) this.backend.record("a")).lease().nonce();
	}

	private static List<Thread> threads(String name) {
		return Thread.getAllStackTraces().keySet().stream().filter((thread) -> thread.getName().equals(name)).toList();
	}

	private static Set<String> electionThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.equals("election") || name.startsWith("election-"))
			.collect(Collectors.toSet());
	}

}
