package io.election.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import io.election.Candidate;
import io.election.ElectionReport;
import io.election.ElectionReport.Transition;
import io.election.ElectionState;
import io.election.Leader;
import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipListener;
import io.election.RevocationReason;
import io.election.store.UnusableBackendException;
import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@ExtendWith(OutputCaptureExtension.class)
class DefaultLeaderElectionsTests {

	private static final Duration LEASE = TestNode.TIMING.leaseDuration();

	private static final Duration DEADLINE = TestNode.TIMING.renewDeadline();

	private static final Duration RETRY = TestNode.TIMING.retryPeriod();

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final TestNode node = new TestNode("node", this.time, this.backend, "a");

	private final LeaderElection election = this.node.election("a");

	@AfterEach
	void close() {
		this.backend.proceed();
		this.node.close();
	}

	@Test
	void nothingIsKnownBeforeTheStart() {
		assertThat(this.election.name()).isEqualTo("a");
		assertThat(this.election.candidateId()).isEqualTo("node");
		assertThat(this.election.state()).isEqualTo(ElectionState.UNKNOWN);
		assertDoesNotLead();
		assertThat(this.election.leader()).isEmpty();
		assertThat(this.election.candidates()).isEmpty();
		this.election.resign();
		this.election.resume();
		assertThat(this.backend.opened).hasValue(0);
	}

	@Test
	void whoIsAloneLeads() {
		this.node.start().awaitLeading("a");
		assertThat(this.election.state()).isEqualTo(ElectionState.LEADER);
		assertThat(this.election.isLeader()).isTrue();
		assertThat(this.election.leadership()).contains(new Leadership("a", "node", 1, this.time.instant()));
		assertThat(this.election.leader()).contains(new Leader("node", 1, this.time.instant(), Map.of("node", "node")));
		this.node.awaitEvent("changed a nobody -> node/1");
		assertThat(this.node.events).containsExactly("granted a 1", "changed a nobody -> node/1");
	}

	@Test
	void aTermIsRenewedEveryRetryPeriod() {
		this.node.start().awaitLeading("a");
		this.node.settle();
		for (int i = 1; i <= 50; i++) {
			this.node.pass(RETRY);
			assertThat(this.backend.count("renew")).isEqualTo(i);
			assertThat(this.election.isLeader()).isTrue();
		}
		assertThat(this.node.token("a")).isEqualTo(1);
		assertThat(this.node.events).hasSize(2);
	}

	@Test
	void aTermEndsExactlyAtItsDeadlineThoughNothingRunsThatCouldEndIt() {
		this.node.start().awaitLeading("a");
		this.time.advance(DEADLINE.minusNanos(1));
		assertThat(this.election.isLeader()).isTrue();
		this.time.advance(Duration.ofNanos(1));
		assertDoesNotLead();
		assertThat(this.election.state()).isEqualTo(ElectionState.CANDIDATE);
		assertThat(this.election.leader()).isEmpty();
	}

	@Test
	void aTermThatCannotBeRenewedEndsAndTheNextOneBeginsWhenTheBackendIsBack() {
		this.node.start().awaitLeading("a");
		this.backend.hang((call) -> true);
		this.node.elections.session().nudge();
		this.time.advance(DEADLINE);
		this.node.elections.session().nudge();
		this.node.awaitEvent("revoked a 1 EXPIRED");
		this.backend.proceed();
		this.node.passUntil(this.election::isLeader);
		this.node.awaitEvent("granted a 2");
		assertThat(this.node.events).filteredOn((event) -> !event.startsWith("changed"))
			.containsExactly("granted a 1", "revoked a 1 EXPIRED", "granted a 2");
	}

	@Test
	void anOutageThatIsShorterThanTheDeadlineCostsNothing() {
		this.node.start().awaitLeading("a");
		this.backend.fail(new IllegalStateException("connection refused"));
		for (int i = 0; i < 7; i++) {
			this.node.pass(Duration.ofSeconds(1));
			assertThat(this.election.isLeader()).isTrue();
		}
		this.backend.fail(null);
		this.node.passUntil(() -> this.node.elections.report("a").validFor().compareTo(RETRY) > 0);
		assertThat(this.node.token("a")).isEqualTo(1);
	}

	@Test
	void anOutageIsLoggedOnceAndSoIsItsEnd(CapturedOutput output) {
		this.node.start().awaitLeading("a");
		this.backend.fail(new IllegalStateException("connection refused"));
		for (int i = 0; i < 60; i++) {
			this.node.pass(Duration.ofSeconds(1));
		}
		assertThat(this.node.elections.report("a").lastError()).isEqualTo("connection refused");
		this.backend.fail(null);
		for (int i = 0; i < 20; i++) {
			this.node.pass(Duration.ofSeconds(1));
		}
		this.node.awaitLeading("a");
		assertThat(this.node.elections.report("a").lastError()).isNull();
		assertThat(output.toString().lines().filter((line) -> line.contains("Backend test"))).hasSize(2)
			.anyMatch((line) -> line.contains("WARN") && line.contains("fails: connection refused"))
			.anyMatch((line) -> line.contains("INFO") && line.contains("answers again"));
	}

	@Test
	void aRenewalThatSucceedsWhenItIsTriedAgainEndsItsOutage() {
		this.node.start().awaitLeading("a");
		AtomicInteger renewals = new AtomicInteger();
		this.backend.failures = (call) -> call.startsWith("renew ") && renewals.getAndIncrement() % 2 == 0
				? new IllegalStateException("terminating connection due to idle-session timeout") : null;
		for (int i = 0; i < 20; i++) {
			this.node.pass(RETRY);
			assertThat(this.node.elections.report("a").lastError()).isNull();
		}
		assertThat(renewals).hasValueGreaterThan(20);
		assertThat(this.node.token("a")).isEqualTo(1);
	}

	@Test
	void aMissingPrivilegeIsAnOutageThatLastsAlthoughOtherRequestsSucceed() {
		this.node.start().awaitLeading("a");
		this.backend.failures = (call) -> call.startsWith("read") ? null
				: new IllegalStateException("permission denied for table election_lease");
		this.node.pass(RETRY.multipliedBy(2));
		for (Duration passed = Duration.ZERO; passed.compareTo(LEASE) < 0; passed = passed.plus(RETRY)) {
			this.node.pass(RETRY); // the renewals fail, then nothing is asked for but
									// looks
		}
		Instant since = null;
		for (int i = 0; i < 20; i++) {
			this.node.pass(RETRY);
			ElectionReport report = this.node.elections.report("a");
			assertThat(report.lastError()).contains("permission denied");
			assertThat(report.lastErrorAt()).isEqualTo((since != null) ? since : report.lastErrorAt());
			since = report.lastErrorAt();
		}
	}

	@Test
	void aLeaseThatSomebodyElseTookIsLost() {
		this.node.start().awaitLeading("a");
		this.backend.steal("a");
		this.node.pass(RETRY);
		this.node.awaitEvent("revoked a 1 LOST");
		this.node.awaitEvent("changed a node/1 -> stranger/2");
		assertDoesNotLead();
		assertThat(this.election.leader()).map(Leader::candidateId).contains("stranger");
		this.node.passUntil(this.election::isLeader);
		assertThat(this.node.token("a")).isEqualTo(3);
	}

	@Test
	void whoResignsDoesNotLeadWhenTheCallReturns() {
		this.node.start();
		for (int term = 1; term <= 100; term++) {
			this.node.awaitLeading("a");
			this.election.resign(Duration.ZERO);
			assertThat(this.node.token("a")).isNotEqualTo(term);
			this.node.awaitEvent("revoked a " + term + " RESIGNED");
		}
	}

	@Test
	void whoResignsLetsOthersInForALease() {
		this.node.start().awaitLeading("a");
		this.election.resign();
		assertDoesNotLead();
		this.node.awaitEvent("revoked a 1 RESIGNED");
		TestNode.await(() -> this.backend.record("a") instanceof LeaseRecord.Vacant);
		this.node.settle();
		this.node.pass(LEASE.minusMillis(1));
		assertDoesNotLead();
		this.node.pass(Duration.ofMillis(1));
		this.node.awaitLeading("a");
	}

	@Test
	void whoDoesNotLeadCannotResign() {
		this.backend.steal("a");
		this.node.start();
		TestNode.await(() -> this.election.leader().isPresent());
		this.election.resign(Duration.ofDays(1));
		this.node.passUntil(this.election::isLeader);
	}

	@Test
	void standingAsideHasBounds() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.election.resign(Duration.ofNanos(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> this.election.resign(Duration.ofDays(1).plusNanos(1)))
			.withMessageContaining("standAside");
		this.election.resign(Duration.ofDays(1));
		this.election.resign(Duration.ZERO);
	}

	@Test
	void whoIsPausedDoesNotCompeteUntilResumed() {
		this.node.start().awaitLeading("a");
		this.election.pause();
		assertDoesNotLead();
		assertThat(this.election.state()).isEqualTo(ElectionState.PAUSED);
		this.node.awaitEvent("revoked a 1 PAUSED");
		TestNode.await(() -> this.backend.record("a") instanceof LeaseRecord.Vacant);
		for (int i = 0; i < 20; i++) {
			this.node.pass(Duration.ofMinutes(1));
			assertDoesNotLead();
		}
		this.election.resume();
		this.node.awaitLeading("a");
		this.election.resume();
		assertThat(this.election.isLeader()).isTrue();
	}

	@Test
	void whoWasPausedBeforeTheStartDoesNotCompete() {
		this.election.pause();
		this.node.start();
		TestNode.await(() -> this.election.state() == ElectionState.PAUSED);
		this.node.settle();
		assertThat(this.backend.count("acquire")).isZero();
		this.election.resume();
		this.node.awaitLeading("a");
	}

	@Test
	void whoIsPausedStaysSoAcrossAStopAndAStart() {
		this.node.start().awaitLeading("a");
		this.election.pause();
		this.node.stop();
		this.node.start();
		TestNode.await(() -> this.election.state() == ElectionState.PAUSED);
		this.node.settle();
		assertThat(this.backend.count("acquire")).isEqualTo(1);
	}

	@Test
	void whoIsPausedAsSoonAsItHasJoinedDoesNotCompete() {
		this.node.orderly = false;
		this.node.start();
		for (int i = 0; i < 100; i++) {
			LeaderElection joined = this.node.elections.join("b" + i);
			joined.pause();
			TestNode.await(() -> joined.state() == ElectionState.PAUSED);
		}
		this.node.settle();
		for (int i = 0; i < 100; i++) {
			assertThat(this.node.election("b" + i).isLeader()).isFalse();
		}
	}

	@Test
	void infancyIsClaimedOnceATermByOneThreadOfMany() throws Exception {
		this.node.start();
		int threads = 8;
		for (int term = 1; term <= 20; term++) {
			this.node.awaitLeading("a");
			AtomicInteger claimed = new AtomicInteger();
			CyclicBarrier together = new CyclicBarrier(threads);
			List<Thread> claiming = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				Thread thread = new Thread(() -> {
					try {
						together.await();
					}
					catch (Exception ex) {
						throw new IllegalStateException(ex);
					}
					if (this.election.claimInfancy()) {
						claimed.incrementAndGet();
					}
				});
				thread.start();
				claiming.add(thread);
			}
			for (Thread thread : claiming) {
				thread.join();
			}
			assertThat(claimed).hasValue(1);
			this.election.resign(Duration.ZERO);
			this.node.awaitEvent("revoked a " + term + " RESIGNED");
		}
	}

	@Test
	void whoAskedInAnEarlierTermCannotClaimTheInfancyOfALaterOneASecondTime() {
		Thread late = Thread.currentThread();
		Deque<Runnable> meanwhile = new ArrayDeque<>();
		LongSupplier ticks = () -> {
			long now = this.time.getAsLong();
			if (Thread.currentThread() == late && !meanwhile.isEmpty()) {
				meanwhile.remove().run();
			}
			return now;
		};
		DefaultLeaderElections elections = new DefaultLeaderElections(
				TestNode.settings("other", TestNode.STOP_TIMEOUT, "b"), this.backend, (event) -> {
				}, List::of, ticks, this.time);
		elections.start();
		LeaderElection other = elections.get("b");
		TestNode.await(other::isLeader);
		List<Boolean> claims = new ArrayList<>();
		meanwhile.add(() -> {
			other.resign(Duration.ZERO);
			TestNode.await(() -> other.leadership().map(Leadership::fencingToken).orElse(0L) == 2);
			claims.add(other.claimInfancy());
		});
		claims.add(other.claimInfancy());
		claims.add(other.claimInfancy());
		assertThat(claims).containsExactly(true, false, false);
		elections.stop();
	}

	@Test
	void infancyIsNotClaimedByWhoDoesNotLead() {
		assertThat(this.election.claimInfancy()).isFalse();
		this.node.start().awaitLeading("a");
		this.time.advance(DEADLINE);
		assertThat(this.election.claimInfancy()).isFalse();
	}

	@Test
	void electionsAreJoinedAndLeftAtRunTime() {
		this.node.start().awaitLeading("a");
		LeaderElection joined = this.node.elections.join("b");
		this.node.awaitLeading("b");
		assertThat(this.node.elections.names()).containsExactly("a", "b");
		assertThat(this.node.elections.join("b")).isSameAs(joined).isSameAs(this.node.elections.get("b"));
		this.node.elections.leave("b");
		assertThat(joined.isLeader()).isFalse();
		assertThat(this.node.elections.names()).containsExactly("a");
		assertThatIllegalArgumentException().isThrownBy(() -> this.node.elections.get("b"))
			.withMessageContaining("'b'")
			.withMessageContaining("[a]");
		assertThatIllegalArgumentException().isThrownBy(() -> this.node.elections.report("b\nFAKE LOG"))
			.withMessageContaining("'b FAKE LOG'");
		this.node.awaitEvent("revoked b 1 STOPPED");
		TestNode.await(() -> this.backend.record("b") instanceof LeaseRecord.Vacant);
		TestNode.await(() -> joined.state() == ElectionState.UNKNOWN);
		this.node.elections.leave("b");
		this.node.elections.leave("never joined");
		assertThat(this.election.isLeader()).isTrue();
	}

	@Test
	void electionsMayBeJoinedAndLeftBeforeTheStart() {
		this.node.elections.join("b");
		this.node.elections.join("c");
		this.node.elections.leave("b");
		this.node.start().awaitLeading("c").awaitLeading("a");
		this.node.settle();
		assertThat(this.node.events).noneMatch((event) -> event.contains(" b "));
	}

	@Test
	void anElectionWithANameThatTheBackendRefusesIsNotJoined() {
		this.node.start();
		assertThatIllegalArgumentException().isThrownBy(() -> this.node.elections.join(""));
		assertThat(this.node.elections.names()).containsExactly("a");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new TestNode("other", this.time, this.backend, "line\nbreak"));
	}

	@Test
	void whoJoinsAgainAtOnceLeadsAgainAfterTheEndOfItsTermWasTold() {
		List<String> told = new ArrayList<>();
		this.election.subscribe(recorder(told));
		this.node.start().awaitLeading("a");
		for (int term = 1; term <= 20; term++) {
			this.node.elections.leave("a");
			assertThat(this.node.elections.join("a")).isSameAs(this.election);
			this.node.awaitLeading("a");
			assertThat(this.node.token("a")).isEqualTo(term + 1);
		}
		this.node.stop();
		assertThat(told).startsWith("granted 1", "revoked 1 STOPPED", "granted 2", "revoked 2 STOPPED", "granted 3")
			.hasSize(42);
	}

	@Test
	void whoJoinsAgainDoesNotTakePartBeforeItsListenersHaveFinished() {
		CountDownLatch unblock = new CountDownLatch(1);
		this.node.listener = (event) -> TestNode.await(unblock);
		this.node.start().awaitLeading("a");
		this.node.elections.leave("a");
		this.node.elections.join("a");
		for (int i = 0; i < 10; i++) {
			this.node.pass(Duration.ofSeconds(2));
		}
		assertThat(this.backend.count("acquire")).isEqualTo(1);
		assertThat(this.node.events).containsExactly("granted a 1");
		unblock.countDown();
		TestNode.await(() -> this.node.elections.report("a").transitions().size() == 1);
		this.node.settle();
		this.node.passUntil(this.election::isLeader);
		this.node.awaitLeading("a");
		assertThat(this.node.events).containsSubsequence("granted a 1", "revoked a 1 STOPPED", "granted a 2");
	}

	@Test
	void whoJoinsAgainAndLeavesAgainIsGone() {
		this.node.start().awaitLeading("a");
		for (int i = 0; i < 20; i++) {
			this.node.elections.leave("a");
			this.node.elections.join("a");
		}
		this.node.elections.leave("a");
		TestNode.await(() -> this.election.state() == ElectionState.UNKNOWN);
		this.node.settle();
		this.node.pass(LEASE);
		assertThat(this.election.state()).isEqualTo(ElectionState.UNKNOWN);
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void aStartThatHasToReachTheBackendFailsWhereItCannotBeUsed() {
		ElectionSettings settings = TestNode.settings("fast", TestNode.STOP_TIMEOUT, "a");
		DefaultLeaderElections fast = new DefaultLeaderElections(
				new ElectionSettings(true, settings.timing(), settings.candidateId(), settings.attributes(),
						settings.elections(), settings.stopTimeout(), settings.phase(), true, true, false, 1),
				this.backend, this.node, List::of, this.time, this.time);
		this.backend.fail(new UnusableBackendException("permission denied", null));
		assertThatExceptionOfType(BackendContactException.class).isThrownBy(fast::start)
			.withMessage("Backend test cannot be used: permission denied");
		assertThat(fast.isRunning()).isFalse();
		TestNode.await(() -> this.backend.closed.get() == 1);
		this.backend.fail(null);
		fast.start();
		assertThat(fast.isRunning()).isTrue();
		fast.stop();
	}

	@Test
	void theRosterTellsWhoTakesPart() {
		TestNode other = new TestNode("other", this.time, this.backend, "a", "b");
		this.node.start().settle();
		other.start().settle();
		assertThat(this.election.candidates()).extracting(Candidate::candidateId)
			.containsExactlyInAnyOrder("node", "other");
		assertThat(this.election.candidates()).extracting(Candidate::attributes)
			.containsExactlyInAnyOrder(Map.of("node", "node"), Map.of("node", "other"));
		this.node.elections.join("b");
		this.node.elections.join("c");
		this.node.pass(RETRY);
		other.settle();
		assertThat(other.election("b").candidates()).hasSize(2);
		assertThat(other.election("a").candidates()).hasSize(2);
		for (int i = 0; i < 100; i++) {
			this.node.pass(RETRY);
			other.pass(Duration.ZERO);
		}
		assertThat(other.election("a").candidates()).hasSize(2);
		assertThat(this.node.election("c").candidates()).hasSize(1);
		this.node.elections.leave("b");
		this.node.passUntil(() -> other.election("b").candidates().size() == 1);
		assertThat(other.election("a").candidates()).hasSize(2);
		other.close();
		assertThat(this.election.candidates()).extracting(Candidate::candidateId).containsExactly("node");
	}

	@Test
	void theRosterIsWrittenOnceForManyElectionsThatAreJoinedOneByOne() {
		this.node.start().settle();
		long written = this.backend.count("register");
		for (int i = 0; i < 100; i++) {
			this.node.elections.join("b" + i);
			this.node.settle();
		}
		assertThat(this.backend.count("register")).isEqualTo(written);
		this.node.pass(RETRY);
		assertThat(this.backend.count("register")).isEqualTo(written + 1);
		assertThat(this.node.election("b99").candidates()).hasSize(1);
	}

	@Test
	void theRosterIsWrittenAsOftenAsTheBackendWants() {
		this.backend.registrationPeriod = Duration.ofSeconds(5);
		TestNode other = new TestNode("other", this.time, this.backend, "a").start();
		other.settle();
		long written = this.backend.count("register");
		for (int second = 1; second <= 20; second++) {
			other.pass(Duration.ofSeconds(1));
			assertThat(this.backend.count("register")).isEqualTo(written + second / 5);
		}
		other.close();
	}

	@Test
	void theRosterIsAsLastReadWhileTheBackendFails() {
		this.node.start().settle();
		assertThat(this.election.candidates()).hasSize(1);
		this.backend.fail(new IllegalStateException("connection refused"));
		assertThat(this.election.candidates()).hasSize(1);
		assertThat(this.node.elections.join("b").candidates()).isEmpty();
		this.backend.fail(null);
		this.node.stop();
		assertThat(this.election.candidates()).hasSize(1);
	}

	@Test
	void aRosterThatIsOutOfReachIsAWarningAndNoOutage(CapturedOutput output) {
		this.backend.failures = (call) -> call.startsWith("register") || call.startsWith("candidates")
				? new IllegalStateException("permission denied for table election_candidate") : null;
		this.node.start().awaitLeading("a");
		for (Duration passed = Duration.ZERO; passed.compareTo(LEASE.multipliedBy(2)) < 0; passed = passed
			.plus(RETRY)) {
			this.node.pass(RETRY);
			assertThat(this.election.candidates()).isEmpty();
			assertThat(this.node.elections.report("a").lastError()).isNull();
		}
		assertThat(this.node.token("a")).isEqualTo(1);
		assertThat(this.node.elections.report("a").warnings()).singleElement()
			.asString()
			.startsWith("The list of candidates cannot be ")
			.endsWith(": permission denied for table election_candidate");
		assertThat(output.toString().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("The list of candidates", "permission denied for table election_candidate");
		this.backend.fail(null);
		this.node.pass(LEASE);
		assertThat(this.election.candidates()).hasSize(1);
		this.node.settle();
		assertThat(this.node.elections.report("a").warnings()).isEmpty();
	}

	@Test
	void aReportTellsHowAnElectionGoes() {
		ElectionReport before = this.node.elections.report("a");
		assertThat(before).isEqualTo(new ElectionReport("a", "node", ElectionState.UNKNOWN, null, null, null, LEASE,
				DEADLINE, RETRY, null, null, null, null, List.of(), List.of()));
		this.node.start().awaitLeading("a");
		this.node.settle();
		Transition joined = new Transition(this.time.instant(), ElectionState.UNKNOWN, ElectionState.CANDIDATE, 0,
				"JOINED");
		Transition granted = new Transition(this.time.instant(), ElectionState.CANDIDATE, ElectionState.LEADER, 1,
				"GRANTED");
		this.node.pass(RETRY);
		this.time.advance(Duration.ofMillis(300));
		assertThat(this.node.elections.report("a")).isEqualTo(new ElectionReport("a", "node", ElectionState.LEADER,
				this.election.leader().orElseThrow(), this.election.leadership().orElseThrow(),
				DEADLINE.minusMillis(300), LEASE, DEADLINE, RETRY, this.time.instant().minusMillis(300), Duration.ZERO,
				null, null, List.of(), List.of(joined, granted)));
		this.backend.fail(new IllegalStateException("connection refused"));
		this.node.pass(RETRY);
		ElectionReport failing = this.node.elections.report("a");
		assertThat(failing.lastError()).isEqualTo("connection refused");
		assertThat(failing.lastErrorAt()).isEqualTo(this.time.instant());
		this.node.pass(DEADLINE);
		this.node.awaitEvent("revoked a 1 EXPIRED");
		ElectionReport over = this.node.elections.report("a");
		assertThat(over.state()).isEqualTo(ElectionState.CANDIDATE);
		assertThat(over.leadership()).isNull();
		assertThat(over.validFor()).isNull();
		assertThat(over.lastErrorAt()).isEqualTo(failing.lastErrorAt());
		assertThat(over.transitions()).last()
			.isEqualTo(
					new Transition(this.time.instant(), ElectionState.LEADER, ElectionState.CANDIDATE, 1, "EXPIRED"));
		assertThat(this.node.elections.backend()).isEqualTo("test");
	}

	@Test
	void aReportTellsOfARequestThatDoesNotReturn() {
		this.node.start().awaitLeading("a");
		this.node.settle();
		this.backend.hang((call) -> true);
		this.time.advance(RETRY);
		this.node.elections.session().nudge();
		TestNode.await(() -> this.backend.hung() == 1);
		assertThat(this.node.elections.report("a").lastError()).isNull();
		this.time.advance(RETRY.plusNanos(1));
		assertThat(this.node.elections.report("a").lastError()).isEqualTo("A request to the backend does not return");
		assertThat(this.node.elections.report("a").lastErrorAt())
			.isEqualTo(this.time.instant().minus(RETRY).minusNanos(1));
		this.backend.proceed();
		this.node.settle();
		assertThat(this.node.elections.report("a").lastError()).isNull();
	}

	@Test
	void aReportTellsOfALoopThatDoesNotGoOn() {
		CountDownLatch began = new CountDownLatch(1);
		CountDownLatch unblock = new CountDownLatch(1);
		this.node.start().awaitLeading("a");
		Thread stuck = new Thread(() -> this.node.elections.session()
			.handle(((DefaultLeaderElection) this.election).candidacy(), (driver, candidacy) -> {
				began.countDown();
				TestNode.await(unblock);
			}));
		stuck.start();
		TestNode.await(began);
		assertThat(this.node.elections.report("a").lastError()).isNull();
		this.time.advance(Duration.ofMillis(1001));
		assertThat(this.node.elections.report("a").lastError()).isEqualTo("The thread of the elections is stuck");
		unblock.countDown();
		TestNode.await(() -> this.node.elections.report("a").lastError() == null);
	}

	@Test
	void whatABackendRefusesForGoodStaysInReportsThoughOthersSucceed() {
		this.backend.failures = (call) -> call.startsWith("acquire")
				? new IllegalStateException("permission denied for table election_lease") : null;
		this.node.start();
		this.node.settle();
		for (int i = 0; i < 200; i++) {
			this.node.pass(Duration.ofMillis(100));
			assertThat(this.node.elections.report("a").lastError()).contains("permission denied");
		}
		assertThat(this.backend.count("acquire")).isBetween(5L, 15L);
	}

	@Test
	void aTokenThatWasSeenBeforeIsReportedAndNotUsed() {
		this.node.start().awaitLeading("a");
		this.election.resign(Duration.ZERO);
		this.node.awaitLeading("a");
		this.node.stop();
		this.backend.forget();
		this.backend.answers = (answers) -> {
			answers.replaceAll((name, answer) -> (answer instanceof Answer.Held held)
					? new Answer.Held(new Lease(name, held.lease().nonce(), 2, held.lease().revision())) : answer);
			return answers;
		};
		this.node.start();
		TestNode.await(() -> this.election.state() == ElectionState.PAUSED);
		assertThat(this.node.elections.report("a").lastError()).contains("token 2 after 2");
		assertThat(this.node.elections.report("a").lastErrorAt()).isNull();
		assertDoesNotLead();
	}

	@Test
	void whetherThereIsSomethingToTellMayBeAskedWhileElectionsAreJoined() throws Exception {
		this.node.start();
		AtomicBoolean done = new AtomicBoolean();
		FutureTask<Boolean> asking = new FutureTask<>(() -> {
			while (!done.get()) {
				this.node.elections.isListening();
			}
			return true;
		});
		new Thread(asking).start();
		for (int i = 0; i < 500; i++) {
			this.node.elections.join("joined-" + i);
		}
		this.node.settle();
		done.set(true);
		assertThat(asking.get(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aBackendThatGivesNoHintsShowsInTheReport() {
		this.backend.hints = false;
		this.node.start().awaitLeading("a");
		TestNode.await(() -> !this.node.elections.report("a").warnings().isEmpty());
		assertThat(this.node.elections.report("a").warnings())
			.containsExactly("The backend gives no notice of changes: candidates find out by polling");
		assertThat(this.node.elections.report("a").lastError()).isNull();
	}

	@Test
	void aThreadThatHasEndedShowsInTheReport() {
		this.node.start().awaitLeading("a");
		StoreWorker worker = (StoreWorker) ReflectionTestUtils.getField(this.node.elections.session(), "worker");
		worker.close();
		TestNode.await(() -> this.node.elections.report("a").lastError() != null);
		assertThat(this.node.elections.report("a").lastError())
			.isEqualTo("The thread 'election-store' has ended, restart the application");
	}

	@Test
	void hintsAreNotNeeded() {
		this.backend.hints = false;
		TestNode other = new TestNode("other", this.time, this.backend, "a");
		this.node.start().awaitLeading("a");
		other.start();
		TestNode.await(() -> other.election("a").leader().isPresent());
		this.election.resign();
		this.node.awaitEvent("revoked a 1 RESIGNED");
		this.node.settle();
		other.passUntil(() -> other.election("a").isLeader());
		other.close();
	}

	private void assertDoesNotLead() {
		assertThat(this.election.isLeader()).isFalse();
		assertThat(this.election.leadership()).isEmpty();
		assertThat(this.election.state()).isNotEqualTo(ElectionState.LEADER);
		assertThat(this.election.claimInfancy()).isFalse();
	}

	private static LeadershipListener recorder(List<String> told) {
		return new LeadershipListener() {

			@Override
			public void onGranted(Leadership leadership) {
				told.add("granted " + leadership.fencingToken());
			}

			@Override
			public void onRevoked(Leadership leadership, RevocationReason reason) {
				told.add("revoked " + leadership.fencingToken() + " " + reason);
			}

		};
	}

}
