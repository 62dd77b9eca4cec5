package io.election.testing.integration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.election.ElectionEvent;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.testing.integration.TestApplication.Happening;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What listeners of applications may do, and what they can rely on, over a real
 * PostgreSQL.
 */
@ExtendWith(OutputCaptureExtension.class)
class ListenersIT {

	private static final ElectionDatabase database = ElectionDatabase.postgres();

	@BeforeAll
	static void startDatabase() {
		database.server().start();
	}

	@AfterAll
	static void closeDatabase() {
		database.close();
	}

	@Test
	void aListenerThatBlocksHoldsUpItsOwnElectionOnly() throws Exception {
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch unblock = new CountDownLatch(1);
		try (TestApplication application = TestApplication.start(properties("blocked", "election.names=other"),
				(context, event) -> {
					if (isGranted(event) && event.getElection().equals("blocked")) {
						blocked.countDown();
						await(unblock);
					}
				})) {
			await(blocked);
			application.awaitTerms("other", 1);
			application.election("other").resign(Duration.ZERO);
			application.awaitTerms("other", 3);
			application.election("blocked").resign(Duration.ZERO);
			assertThat(application.election("blocked").isLeader()).isFalse();
			assertThat(application.story("blocked")).containsExactly("GRANTED");
			unblock.countDown();
			application.awaitTerms("blocked", 3);
			assertThat(application.story("blocked")).containsExactly("GRANTED", "RESIGNED", "GRANTED");
			assertThat(application.story("other")).containsExactly("GRANTED", "RESIGNED", "GRANTED");
		}
		finally {
			unblock.countDown();
		}
	}

	@Test
	void aListenerThatIsInterruptedOrInterruptsItsThreadCostsNothing() {
		try (TestApplication application = TestApplication.start(properties("interrupted"),
				(context, event) -> Thread.currentThread().interrupt())) {
			application.awaitTerms("interrupted", 1);
			application.election("interrupted").resign(Duration.ZERO);
			application.awaitTerms("interrupted", 3);
			assertThat(application.story("interrupted")).containsExactly("GRANTED", "RESIGNED", "GRANTED");
		}
	}

	static Stream<Supplier<Throwable>> failures() {
		return Stream.of(() -> new IllegalStateException("thrown by a test"),
				() -> new AssertionError("thrown by a test"), () -> new NoClassDefFoundError("thrown by a test"),
				() -> new StackOverflowError("thrown by a test"), () -> new OutOfMemoryError("thrown by a test"));
	}

	@ParameterizedTest
	@MethodSource("failures")
	void whatListenersThrowCostsNeitherLeadershipNorEvents(Supplier<Throwable> failure, CapturedOutput output) {
		String election = "throws-" + failure.get().getClass().getSimpleName();
		try (TestApplication application = TestApplication.start(properties(election),
				(context, event) -> throwUnchecked(failure.get()))) {
			application.awaitTerms(election, 1);
			application.election(election).resign(Duration.ZERO);
			application.awaitTerms(election, 3);
			assertThat(application.election(election).isLeader()).isTrue();
			assertThat(application.story(election)).containsExactly("GRANTED", "RESIGNED", "GRANTED");
			assertThat(output).contains("Listener.on(io.election.ElectionEvent) failed", "thrown by a test");
		}
	}

	@Test
	void aListenerMayResign() {
		AtomicBoolean resigned = new AtomicBoolean();
		List<Boolean> answers = new ArrayList<>();
		try (TestApplication application = TestApplication.start(properties("resigns"), (context, event) -> {
			if (isGranted(event) && resigned.compareAndSet(false, true)) {
				answers.add(election(event).isLeader());
				election(event).resign(Duration.ZERO);
				answers.add(election(event).isLeader());
			}
			else if (event instanceof LeadershipRevokedEvent) {
				election(event).resign();
			}
		})) {
			application.awaitTerms("resigns", 3);
			assertThat(answers).containsExactly(true, false);
			assertThat(application.story("resigns")).containsExactly("GRANTED", "RESIGNED", "GRANTED");
			assertEvents(application, "resigns");
		}
	}

	@Test
	void aListenerMayPauseAndResume() {
		AtomicBoolean paused = new AtomicBoolean();
		List<ElectionState> states = new ArrayList<>();
		try (TestApplication application = TestApplication.start(properties("pauses"), (context, event) -> {
			if (isGranted(event) && paused.compareAndSet(false, true)) {
				election(event).pause();
				states.add(election(event).state());
			}
			else if (event instanceof LeadershipRevokedEvent) {
				states.add(election(event).state());
				election(event).resume();
			}
		})) {
			application.awaitTerms("pauses", 3);
			assertThat(states).containsExactly(ElectionState.PAUSED, ElectionState.PAUSED);
			assertThat(application.story("pauses")).containsExactly("GRANTED", "PAUSED", "GRANTED");
			assertEvents(application, "pauses");
		}
	}

	@Test
	void aListenerOfGrantedMayCloseTheContext() throws Exception {
		CompletableFuture<List<String>> storyAfterClose = new CompletableFuture<>();
		CompletableFuture<TestApplication> application = new CompletableFuture<>();
		application.complete(TestApplication.start(neverEnding("closes-when-granted"), (context, event) -> {
			if (isGranted(event)) {
				TestApplication closing = application.join();
				context.close();
				storyAfterClose.complete(closing.story("closes-when-granted"));
			}
		}));
		assertThat(storyAfterClose.get(Node.LIMIT.toSeconds(), TimeUnit.SECONDS)).containsExactly("GRANTED", "STOPPED");
		assertThat(application.join().context().isActive()).isFalse();
		assertEvents(application.join(), "closes-when-granted");
		assertIsFree("closes-when-granted");
	}

	@Test
	void aListenerOfRevokedMayCloseTheContext() throws Exception {
		CompletableFuture<List<String>> storyAfterClose = new CompletableFuture<>();
		CompletableFuture<TestApplication> application = new CompletableFuture<>();
		application.complete(TestApplication.start(properties("closes-when-revoked", "election.stop-timeout=1h"),
				(context, event) -> {
					if (isGranted(event)) {
						election(event).resign();
					}
					else if (event instanceof LeadershipRevokedEvent) {
						TestApplication closing = application.join();
						context.close();
						storyAfterClose.complete(closing.story("closes-when-revoked"));
					}
				}));
		assertThat(storyAfterClose.get(Node.LIMIT.toSeconds(), TimeUnit.SECONDS)).containsExactly("GRANTED",
				"RESIGNED");
		assertThat(application.join().context().isActive()).isFalse();
		assertEvents(application.join(), "closes-when-revoked");
		// Once the lease has run out: it cannot be known whether the listener has
		// finished
		assertIsFree("closes-when-revoked");
	}

	@ParameterizedTest
	@ValueSource(strings = { "granted", "revoked" })
	void aListenerMayExit(String event) {
		String election = "exits-when-" + event;
		try (Node exits = Node.with("exits", nodeProperties(election)).property("election.stop-timeout", "1s").start();
				Node waits = Node.with("waits", nodeProperties(election)).start()) {
			exits.awaitReady();
			waits.awaitReady();
			waits.command("pause " + election);
			exits.awaitGranted(0, election);
			exits.command("exit-" + event);
			exits.command("resign " + election);
			int mark = waits.mark();
			waits.command("resume " + election);
			if (event.equals("granted")) {
				// That of the next term
				waits.awaitGranted(mark, election);
				mark = waits.mark();
				waits.command("resign " + election);
			}
			assertThat(exits.process().awaitExit(Node.LIMIT)).isEqualTo(NodeCommands.EXIT_STATUS);
			waits.awaitGranted(mark, election);
			assertThat(Promises.violations(List.of(exits, waits))).isEmpty();
		}
	}

	@Test
	void revokedListenersHaveFinishedBeforeCloseReturns() {
		List<Long> finished = new ArrayList<>();
		TestApplication application = TestApplication.start(properties("finishes", "election.names=finishes-too"),
				(context, event) -> {
					if (event instanceof LeadershipRevokedEvent) {
						TestApplication.sleep(Duration.ofMillis(300));
						synchronized (finished) {
							finished.add(System.nanoTime());
						}
					}
				});
		application.awaitTerms("finishes", 1);
		application.awaitTerms("finishes-too", 1);
		application.close();
		long closed = System.nanoTime();
		assertThat(finished).hasSize(2).allMatch((instant) -> instant < closed);
		assertThat(application.story("finishes")).containsExactly("GRANTED", "STOPPED");
		assertThat(application.story("finishes-too")).containsExactly("GRANTED", "STOPPED");
		assertEvents(application, "finishes");
	}

	@Test
	void nothingIsPublishedAfterStop(CapturedOutput output) throws Exception {
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch unblock = new CountDownLatch(1);
		CountDownLatch unblocked = new CountDownLatch(1);
		try (TestApplication application = TestApplication.start(properties("stops", "election.stop-timeout=200ms"),
				(context, event) -> {
					if (isGranted(event)) {
						blocked.countDown();
						await(unblock);
						unblocked.countDown();
					}
				})) {
			await(blocked);
			application.context().stop();
			int events = application.events().size();
			assertThat(application.election("stops").isLeader()).isFalse();
			unblock.countDown();
			await(unblocked);
			// Another candidate can lead meanwhile and be done, and still nothing came
			assertIsFree("stops");
			assertThat(application.events()).hasSize(events);
			assertThat(application.story("stops")).containsExactly("GRANTED");
			assertThat(output)
				.containsPattern("WARN.*Election 'stops': the end of the term with token \\d+ was not announced");
		}
		finally {
			unblock.countDown();
		}
	}

	@Test
	void startAfterStopMakesANewCandidate() {
		try (TestApplication application = TestApplication.start(properties("restarts"))) {
			LeaderElection election = application.election("restarts");
			application.awaitTerms("restarts", 1);
			application.context().stop();
			assertThat(election.state()).isEqualTo(ElectionState.UNKNOWN);
			assertThat(election.isLeader()).isFalse();
			assertThat(application.story("restarts")).containsExactly("GRANTED", "STOPPED");
			application.context().start();
			application.awaitTerms("restarts", 3);
			assertThat(application.election("restarts")).isSameAs(election);
			assertThat(election.isLeader()).isTrue();
			assertThat(application.story("restarts")).containsExactly("GRANTED", "STOPPED", "GRANTED");
			assertEvents(application, "restarts");
		}
	}

	@Test
	void joinsAndLeavesElectionsAtRunTime() {
		try (TestApplication application = TestApplication.start(properties("stays"))) {
			application.awaitTerms("stays", 1);
			LeaderElection first = application.elections().join("comes-and-goes");
			assertThat(application.elections().names()).containsExactly("comes-and-goes", "stays");
			application.awaitTerms("comes-and-goes", 1);
			TestApplication.await(() -> first.candidates().size() == 1);
			application.elections().leave("comes-and-goes");
			assertThat(first.isLeader()).isFalse();
			assertThat(application.elections().names()).containsExactly("stays");
			LeaderElection second = application.elections().join("comes-and-goes");
			application.awaitTerms("comes-and-goes", 3);
			assertThat(second.isLeader()).isTrue();
			assertThat(application.story("comes-and-goes")).containsExactly("GRANTED", "STOPPED", "GRANTED");
			assertEvents(application, "comes-and-goes");
			// A candidate that left has left the roster, and did not take its successor
			// along
			TestApplication.await(() -> second.candidates().size() == 1);
			assertThat(application.story("stays")).containsExactly("GRANTED");
		}
	}

	@Test
	void closingLetsAnotherLeadLongBeforeTheLeaseRunsOut() {
		TestApplication first = TestApplication.start(neverEnding("hands-over"));
		first.awaitTerms("hands-over", 1);
		try (TestApplication second = TestApplication.start(neverEnding("hands-over"))) {
			first.close();
			second.awaitTerms("hands-over", 1);
			assertThat(first.story("hands-over")).containsExactly("GRANTED", "STOPPED");
			assertThat(first.terms("hands-over").get(1).at()).isLessThan(second.terms("hands-over").get(0).at());
			assertThat(tokens(second, "hands-over").get(0)).isGreaterThan(tokens(first, "hands-over").get(0));
		}
	}

	@Test
	void twoApplicationsInOneJvmAreTwoCandidates() {
		List<String> sameId = properties("siblings", "election.candidate.id=same");
		try (TestApplication first = TestApplication.start(sameId)) {
			first.awaitTerms("siblings", 1);
			try (TestApplication second = TestApplication.start(sameId)) {
				TestApplication.await(() -> second.election("siblings").candidates().size() == 2);
				TestApplication.await(() -> second.election("siblings").leader().isPresent());
				assertThat(first.election("siblings").isLeader()).isTrue();
				assertThat(second.election("siblings").isLeader()).isFalse();
			}
			assertThat(first.story("siblings")).containsExactly("GRANTED");
		}
	}

	/** What holds of every event of a term that a listener was told of. */
	private static void assertEvents(TestApplication application, String election) {
		for (Happening happening : application.terms(election)) {
			assertThat(happening.leads()).as(happening.event().toString())
				.isEqualTo(happening.event() instanceof LeadershipGrantedEvent);
		}
		List<Long> tokens = tokens(application, election);
		for (int i = 1; i < tokens.size(); i++) {
			if (i % 2 == 1) {
				assertThat(tokens.get(i)).isEqualTo(tokens.get(i - 1));
			}
			else {
				assertThat(tokens.get(i)).isGreaterThan(tokens.get(i - 1));
			}
		}
	}

	private static List<Long> tokens(TestApplication application, String election) {
		return application.terms(election).stream().map((happening) -> happening.event().getFencingToken()).toList();
	}

	/** Another candidate gets to lead. */
	private static void assertIsFree(String election) {
		try (TestApplication other = TestApplication.start(properties(election))) {
			other.awaitTerms(election, 1);
		}
	}

	private static void throwUnchecked(Throwable failure) {
		if (failure instanceof Error error) {
			throw error;
		}
		throw (RuntimeException) failure;
	}

	private static boolean isGranted(ElectionEvent event) {
		return event instanceof LeadershipGrantedEvent;
	}

	private static LeaderElection election(ElectionEvent event) {
		return (LeaderElection) event.getSource();
	}

	private static void await(CountDownLatch latch) {
		boolean reached;
		try {
			reached = latch.await(Node.LIMIT.toSeconds(), TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		assertThat(reached).isTrue();
	}

	private static List<String> properties(String election, String... more) {
		Map<String, String> properties = new LinkedHashMap<>();
		Stream.concat(nodeProperties(election).stream(), Stream.of(more))
			.map((property) -> property.split("=", 2))
			.forEach((property) -> properties.put(property[0], property[1]));
		return properties.entrySet().stream().map(Map.Entry::toString).toList();
	}

	/** Within the time of a test, no lease runs out and no stop stops to wait. */
	private static List<String> neverEnding(String election) {
		return properties(election, "election.lease-duration=1h", "election.renew-deadline=30m",
				"election.stop-timeout=1h");
	}

	private static List<String> nodeProperties(String election) {
		return database.properties(election, Duration.ofSeconds(3));
	}

}
