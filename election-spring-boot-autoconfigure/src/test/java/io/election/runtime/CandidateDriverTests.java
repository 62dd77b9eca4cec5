package io.election.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import io.election.ElectionObserver;
import io.election.ElectionReport.Transition;
import io.election.ElectionState;
import io.election.core.Answer;
import io.election.core.Effect;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Reason;
import io.election.core.Request;
import io.election.core.Self;
import io.election.core.Standing;
import io.election.core.Step;
import io.election.core.Timing;
import io.election.runtime.StoreWorker.Order;
import io.election.runtime.StoreWorker.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives candidates on one thread; answers are made by hand.
 */
@ExtendWith(OutputCaptureExtension.class)
class CandidateDriverTests {

	private static final Timing TIMING = TestNode.TIMING;

	private final TestTime time = new TestTime();

	private final LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());

	private final SerialLoop loop = new SerialLoop(this.time, () -> {
	});

	private final List<Candidacy> gone = new ArrayList<>();

	private final List<Object> events = new ArrayList<>();

	private Executor pool = Runnable::run;

	private final List<String> attempts = new ArrayList<>();

	private final ElectionObserver observer = new ElectionObserver() {

		@Override
		public void attempted(String election, Attempt attempt, Outcome outcome, Duration took) {
			CandidateDriverTests.this.attempts.add(attempt + " " + outcome);
		}

	};

	private final CandidateDriver driver = new CandidateDriver(TIMING, this.time, this.loop, this.gone::add,
			new Observers(List.of(this.observer), Runnable::run), "See pg_stat_activity");

	@AfterEach
	void resetLogging() {
		this.logging.setLogLevel("io.election", null);
	}

	@Test
	void aCandidateGoesFromJoiningToLeadingToBeingGone() {
		Candidacy candidacy = lead("a");
		assertThat(candidacy.state()).isEqualTo(ElectionState.LEADER);
		this.driver.stop(candidacy, Duration.ofSeconds(30));
		assertThat(candidacy.isLeader()).isFalse();
		this.loop.turn();
		Order release = order();
		assertThat(release.request()).isInstanceOf(Request.Release.class);
		reply(release, new Answer.Released());
		assertThat(candidacy.state()).isEqualTo(ElectionState.UNKNOWN);
		this.loop.turn();
		assertThat(this.gone).containsExactly(candidacy);
		this.time.advance(Duration.ofMinutes(1));
		this.loop.turn();
		assertThat(this.gone).hasSize(1);
		assertThat(alarms()).isEmpty();
		assertThat(candidacy.transitions()).extracting(Transition::reason)
			.containsExactly("JOINED", "GRANTED", "STOPPED", "STOPPED");
	}

	@Test
	void aCandidateHasOneAlarmAndOneForItsListenersHoweverLongItLeads() {
		Candidacy candidacy = lead("a");
		for (long revision = 2; revision < 5000; revision++) {
			this.time.advance(TIMING.retryPeriod());
			this.loop.turn();
			reply(order(), new Answer.Held(lease(candidacy, revision)));
			assertThat(alarms()).hasSizeBetween(1, 2);
		}
	}

	@Test
	void aCandidateHasOneAlarmAndOneForItsListenersHoweverLongItWaits() {
		Candidacy candidacy = join("a");
		Order look = order();
		for (long revision = 1; revision < 5000; revision++) {
			reply(look, new Answer.Seen(held(candidacy, revision)));
			this.time.advance(TIMING.retryPeriod());
			this.loop.turn();
			look = order();
			assertThat(alarms()).hasSizeLessThanOrEqualTo(2);
		}
	}

	@Test
	void anAnswerThatNoStoreMayGiveCountsAsUnknown(CapturedOutput output) {
		Candidacy candidacy = join("a");
		reply(order(), new Answer.Seen(new LeaseRecord.Absent()));
		Order claim = order();
		assertThat(claim.request()).isInstanceOf(Request.Acquire.class);
		reply(claim, new Answer.Released());
		assertThat(output).contains("ERROR", "Election 'a': the backend gave a wrong answer");
		Order look = order();
		assertThat(look.request()).isInstanceOf(Request.Look.class);
		reply(look, new Answer.Seen(new LeaseRecord.Absent()));
		this.time.advance(TIMING.retryPeriod().multipliedBy(2));
		this.loop.turn();
		reply(order(), new Answer.Held(lease(candidacy, 1)));
		assertThat(candidacy.isLeader()).isTrue();
	}

	@Test
	void anAnswerThatCannotBeHandledCostsNeitherOtherAnswersNorTheAlarm() {
		Candidacy unlucky = lead("a");
		Candidacy lucky = lead("b");
		this.time.advance(TIMING.retryPeriod());
		this.loop.turn();
		List<Order> renewals = takeOutbox();
		this.time.advance(Duration.ofMillis(10));
		this.driver.replied(Arrays.asList(new Reply(renewals.get(0), null, true),
				new Reply(renewals.get(1), new Answer.Held(lease(lucky, 2)), true)));
		assertThat(lucky.validFor()).isEqualTo(TIMING.renewDeadline().minusMillis(10));
		assertThat(unlucky.isLeader()).isTrue();
		this.time.advance(TIMING.renewDeadline());
		this.loop.turn();
		assertThat(unlucky.transitions()).extracting(Transition::reason).endsWith("EXPIRED");
	}

	@Test
	void anEffectThatFailsDoesNotCostTheAlarm() {
		this.pool = (task) -> {
			throw new RejectedExecutionException("no thread");
		};
		Candidacy candidacy = lead("a");
		this.time.advance(TIMING.retryPeriod());
		this.loop.turn();
		reply(order(), new Answer.Held(lease(candidacy, 2)));
		this.time.advance(TIMING.renewDeadline());
		this.loop.turn();
		assertThat(candidacy.transitions()).extracting(Transition::reason)
			.containsExactly("JOINED", "GRANTED", "EXPIRED");
	}

	@Test
	void aBackendThatFailsEveryClaimIsAskedOnceInARetryPeriod() {
		join("a");
		int claims = 0;
		for (Duration passed = Duration.ZERO; passed.compareTo(Duration.ofMinutes(1)) < 0; passed = passed
			.plusMillis(10)) {
			for (List<Order> orders = takeOutbox(); !orders.isEmpty(); orders = takeOutbox()) {
				Order order = orders.get(0);
				boolean claim = order.request() instanceof Request.Acquire;
				claims += claim ? 1 : 0;
				assertThat(claims).isLessThanOrEqualTo(31);
				reply(order, claim ? new Answer.Unknown() : new Answer.Seen(new LeaseRecord.Absent()));
			}
			this.time.advance(Duration.ofMillis(10));
			this.loop.turn();
		}
		assertThat(claims).isGreaterThan(20);
	}

	@Test
	void aRecordThatStaysLockedIsReportedUntilItIsFree(CapturedOutput output) {
		Candidacy candidacy = candidacy("a", 0);
		reply(order(), new Answer.Seen(new LeaseRecord.Absent()));
		for (Duration busy = Duration.ZERO; busy.compareTo(TIMING.leaseDuration()) < 0; busy = busy.plusSeconds(1)) {
			assertThat(candidacy.fact()).isNull();
			replyToEach((order) -> (order.request() instanceof Request.Acquire) ? new Answer.Busy()
					: new Answer.Seen(new LeaseRecord.Absent()));
		}
		replyToEach((order) -> (order.request() instanceof Request.Acquire) ? new Answer.Busy()
				: new Answer.Seen(new LeaseRecord.Absent()));
		assertThat(candidacy.fact()).contains("locked", "See pg_stat_activity");
		assertThat(output).containsOnlyOnce("WARN").contains("See pg_stat_activity");
		replyToEach((order) -> new Answer.Held(lease(candidacy, 1)));
		assertThat(candidacy.isLeader()).isTrue();
		assertThat(candidacy.fact()).isNull();
	}

	@Test
	void renewalsThatFindTheRecordLockedCountAsWell() {
		Candidacy candidacy = lead("a");
		Lease lease = lease(candidacy, 1);
		LeaseRecord own = new LeaseRecord.Held(lease, "node", Map.of(), 0, TIMING.leaseDuration(),
				TIMING.renewDeadline(), Duration.ZERO);
		for (int i = 0; i < TIMING.leaseDuration().toSeconds() + 5; i++) {
			replyToEach((order) -> (order.request() instanceof Request.Renew) ? new Answer.Refused(own)
					: (order.request() instanceof Request.Acquire) ? new Answer.Busy()
							: (order.request() instanceof Request.Look) ? new Answer.Seen(own) : new Answer.Unknown());
		}
		assertThat(candidacy.isLeader()).isFalse();
		assertThat(candidacy.fact()).contains("locked");
	}

	@Test
	void whoIsPausedSaysNoMoreThatTheRecordIsLocked() {
		Candidacy candidacy = candidacy("a", 0);
		for (int i = 0; i < TIMING.leaseDuration().toSeconds() + 5; i++) {
			replyToEach((order) -> (order.request() instanceof Request.Acquire) ? new Answer.Busy()
					: new Answer.Seen(new LeaseRecord.Absent()));
		}
		assertThat(candidacy.fact()).contains("locked");
		this.driver.pause(candidacy, Reason.PAUSED);
		replyToEach((order) -> (order.request() instanceof Request.Acquire) ? new Answer.Busy()
				: new Answer.Seen(new LeaseRecord.Absent()));
		assertThat(candidacy.fact()).as("it cannot know when the lock is gone").isNull();
	}

	/** Lets a second pass, and answers what was asked. */
	private void replyToEach(Function<Order, Answer> answers) {
		for (int i = 0; i < 10; i++) {
			this.time.advance(Duration.ofMillis(100));
			this.loop.turn();
			takeOutbox().forEach((order) -> reply(order, answers.apply(order)));
		}
	}

	@Test
	void lostWritesAreReportedOnceAndUntilAnOperatorConfirms(CapturedOutput output) {
		Candidacy candidacy = candidacy("a", 41);
		LeaseRecord.Vacant older = new LeaseRecord.Vacant(new Lease("a", "", 7, 9));
		reply(order(), new Answer.Seen(older));
		reply(order(), new Answer.Held(new Lease("a", "nonce of a", 42, 10)));
		assertThat(candidacy.isLeader()).isTrue();
		assertThat(candidacy.fact()).contains("token 7 after 41", "resume");
		assertThat(lines(output, "ERROR")).singleElement().asString().contains("Election 'a': ", "token 7 after 41");
		candidacy.confirmed();
		assertThat(candidacy.fact()).isNull();
		assertThat(candidacy.loseWrites(new Effect.WritesLost(7, 41), "again")).isFalse();
		assertThat(candidacy.loseWrites(new Effect.WritesLost(8, 41), "of the next leader, with the same loss"))
			.isFalse();
		assertThat(candidacy.fact()).isNull();
		assertThat(candidacy.loseWrites(new Effect.WritesLost(6, 41), "more is lost")).isTrue();
		assertThat(candidacy.loseWrites(new Effect.WritesLost(6, 42), "of tokens since then")).isTrue();
	}

	@Test
	void aTokenThatIsNotANewHighestPausesUntilResumed(CapturedOutput output) {
		Candidacy candidacy = candidacy("a", 41);
		Order look = order();
		reply(look, new Answer.Seen(new LeaseRecord.Absent()));
		reply(order(), new Answer.Held(lease(candidacy, 1)));
		assertThat(candidacy.isLeader()).isFalse();
		assertThat(candidacy.state()).isEqualTo(ElectionState.PAUSED);
		assertThat(candidacy.refusedToken()).contains("token 1 after 41");
		assertThat(lines(output, "ERROR")).singleElement().asString().contains("Election 'a': ", "token 1 after 41");
		reply(order(), new Answer.Released());
		reply(order(), new Answer.Seen(new LeaseRecord.Absent()));
		assertThat(takeOutbox()).isEmpty();
		this.driver.resume(candidacy);
		assertThat(order().request()).isInstanceOf(Request.Acquire.class);
		assertThat(candidacy.transitions()).extracting(Transition::reason)
			.containsExactly("JOINED", "TOKEN_REFUSED", "RESUMED");
		assertThat(this.events).isEmpty();
	}

	@Test
	void aTokenBelowTheFirstPausesAndNamesTheProperty(CapturedOutput output) {
		Self demanding = new Self("a", "nonce of a", "node", Map.of(), 5_000_000);
		Candidacy candidacy = candidacy("a", Standing.join(demanding, 0, TIMING, this.time.getAsLong()));
		this.driver.joined(candidacy);
		reply(order(), new Answer.Seen(new LeaseRecord.Absent()));
		reply(order(), new Answer.Held(new Lease("a", "nonce of a", 17, 1)));
		assertThat(candidacy.state()).isEqualTo(ElectionState.PAUSED);
		String fact = "the backend handed out token 17, but election.first-token is 5000000";
		assertThat(candidacy.fact()).startsWith(fact).doesNotContain("lost").contains("resumed");
		assertThat(output).containsOnlyOnce("ERROR").contains(fact);
	}

	@Test
	void onlyWhatTheStoreWasAskedIsObserved() {
		Candidacy candidacy = lead("a");
		this.time.advance(TIMING.retryPeriod());
		this.loop.turn();
		Order renewal = order();
		this.driver.pause(candidacy, Reason.PAUSED);
		this.driver.replied(Arrays.asList(new Reply(renewal, new Answer.Unknown(), false)));
		assertThat(this.attempts).containsExactly("ACQUIRE HELD");
	}

	@Test
	void theLatestTransitionsAreKept() {
		Candidacy candidacy = join("a");
		for (int i = 0; i < 50; i++) {
			this.time.advance(Duration.ofSeconds(1));
			this.driver.pause(candidacy, Reason.PAUSED);
			this.driver.pause(candidacy, Reason.PAUSED);
			this.driver.resume(candidacy);
		}
		assertThat(candidacy.transitions()).hasSize(32);
		assertThat(candidacy.transitions()).last()
			.isEqualTo(
					new Transition(this.time.instant(), ElectionState.PAUSED, ElectionState.CANDIDATE, 0, "RESUMED"));
		assertThat(candidacy.transitions()).first()
			.isEqualTo(new Transition(this.time.instant().minusSeconds(15), ElectionState.CANDIDATE,
					ElectionState.PAUSED, 0, "PAUSED"));
	}

	@Test
	void afterALongSuspensionTheTermIsOverWhateverWaitsToBeHandled() {
		Candidacy candidacy = lead("a");
		this.time.advance(TIMING.retryPeriod());
		this.loop.turn();
		Order renewal = order();
		Answer held = new Answer.Held(lease(candidacy, 2));
		this.loop.submit(() -> this.driver.replied(Arrays.asList(new Reply(renewal, held, true))));
		this.time.advance(Duration.ofDays(1));
		assertThat(candidacy.isLeader()).isFalse();
		this.loop.turn();
		assertThat(candidacy.state()).isEqualTo(ElectionState.CANDIDATE);
		assertThat(candidacy.transitions()).extracting(Transition::reason).endsWith("GRANTED", "EXPIRED");
	}

	@Test
	void theLogTellsWhoLeads(CapturedOutput output) {
		this.logging.setLogLevel("io.election", LogLevel.DEBUG);
		Candidacy candidacy = lead("a");
		this.driver.resign(candidacy, Duration.ZERO);
		this.loop.turn();
		reply(order(), new Answer.Released());
		reply(order(), new Answer.Seen(held(candidacy, 2)));
		assertThat(lines(output, "INFO")).containsExactly("Election 'a': this candidate leads, token 1",
				"Election 'a': this candidate leads no more, token 1, RESIGNED; now CANDIDATE",
				"Election 'a': 'other' leads, token 1");
		assertThat(lines(output, "DEBUG")).contains("Election 'a': look -> absent, last token 0, after 0ms",
				"Election 'a': acquire -> granted to this candidate, token 1, after 0ms",
				"Election 'a': release -> released, after 0ms",
				"Election 'a': look -> held by 'other', token 1, after 0ms");
	}

	@Test
	void ofAProcessThatEndsTheLogSaysSo(CapturedOutput output) {
		this.driver.stop(lead("a"), Duration.ofSeconds(30));
		assertThat(lines(output, "INFO")).last()
			.isEqualTo("Election 'a': this candidate leads no more, token 1, STOPPED; it takes part no more");
	}

	private static List<String> lines(CapturedOutput output, String level) {
		return output.toString()
			.lines()
			.filter((line) -> line.contains(" " + level + " io.election -- "))
			.map((line) -> line.replaceFirst(".* -- ", ""))
			.toList();
	}

	private Candidacy lead(String name) {
		Candidacy candidacy = join(name);
		reply(order(), new Answer.Seen(new LeaseRecord.Absent()));
		reply(order(), new Answer.Held(lease(candidacy, 1)));
		assertThat(candidacy.isLeader()).isTrue();
		return candidacy;
	}

	private Candidacy join(String name) {
		return candidacy(name, 0);
	}

	private Candidacy candidacy(String name, long highestTerm) {
		Self self = new Self(name, "nonce of " + name, "node", Map.of());
		Step first = Standing.join(self, highestTerm, TIMING, this.time.getAsLong());
		Candidacy candidacy = candidacy(name, first);
		this.driver.joined(candidacy);
		return candidacy;
	}

	private Candidacy candidacy(String name, Step first) {
		DefaultLeaderElection election = new DefaultLeaderElection(name,
				TestNode.settings("node", TestNode.STOP_TIMEOUT, name), () -> true);
		Announcer announcer = new Announcer(election, this.events::add, new SerialQueue(this.pool),
				new Observers(List.of(), Runnable::run), this.time);
		Candidacy candidacy = new Candidacy(election, null, this.time, announcer, first, this.time.instant());
		election.takesPart(candidacy);
		return candidacy;
	}

	private List<Order> takeOutbox() {
		List<Order> orders = List.copyOf(this.driver.outbox());
		this.driver.outbox().clear();
		return orders;
	}

	private Order order() {
		List<Order> orders = takeOutbox();
		assertThat(orders).hasSize(1);
		return orders.get(0);
	}

	private void reply(Order order, Answer answer) {
		this.driver.replied(Arrays.asList(new Reply(order, answer, true)));
	}

	private Lease lease(Candidacy candidacy, long revision) {
		return new Lease(candidacy.name(), candidacy.standing().self().nonce(), 1, revision);
	}

	private LeaseRecord held(Candidacy candidacy, long revision) {
		return new LeaseRecord.Held(new Lease(candidacy.name(), "other", 1, revision), "other", Map.of(), 0,
				TIMING.leaseDuration(), TIMING.renewDeadline(), Duration.ZERO);
	}

	private Collection<?> alarms() {
		return (Collection<?>) ReflectionTestUtils.getField(this.loop, "alarms");
	}

}
