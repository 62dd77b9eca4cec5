package io.election.runtime;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import io.election.ElectionEvent;
import io.election.Leader;
import io.election.LeaderChangedEvent;
import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipListener;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import io.election.Subscription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tasks of the queue run when the test says so, on its own thread.
 */
@ExtendWith(OutputCaptureExtension.class)
class AnnouncerTests {

	private static final Leader OTHER = new Leader("other", 7, Instant.EPOCH, Map.of());

	private final TestTime time = new TestTime();

	private final Deque<Runnable> pool = new ArrayDeque<>();

	private final List<String> told = new ArrayList<>();

	private Consumer<ElectionEvent> listener = (event) -> {
	};

	private final Executor executor = this.pool::add;

	private final SerialQueue queue = new SerialQueue(this.executor);

	private final TestCandidacies candidacies = new TestCandidacies(this.time, this.queue, this::published);

	private final Candidacy candidacy = this.candidacies.claiming("a");

	private final LeaderElection election = this.candidacy.election();

	private final Announcer announcer = this.candidacy.announcer();

	@Test
	void aTermIsToldWhileItLastsAndItsEndWhenItIsOver() {
		this.election.subscribe(new Recorder("s"));
		grant(1);
		run();
		revoke(RevocationReason.RESIGNED);
		run();
		assertThat(this.told).containsExactly("granted 1, leads: true", "s granted 1, leads: true",
				"revoked 1 RESIGNED, leads: false", "s revoked 1 RESIGNED, leads: false", "finished");
	}

	@Test
	void eventsCarryTheTerm() {
		List<ElectionEvent> events = new ArrayList<>();
		this.listener = events::add;
		Leadership term = grant(5);
		run();
		revoke(RevocationReason.LOST);
		run();
		assertThat(events).allSatisfy((event) -> {
			assertThat(event.getElection()).isEqualTo("a");
			assertThat(event.getCandidateId()).isEqualTo("node");
			assertThat(event.getFencingToken()).isEqualTo(5);
			assertThat(event.getSource()).isSameAs(this.election);
		});
		assertThat(((LeadershipGrantedEvent) events.get(0)).getLeadership()).isEqualTo(term);
		assertThat(((LeadershipRevokedEvent) events.get(1)).getLeadership()).isEqualTo(term);
		assertThat(((LeadershipRevokedEvent) events.get(1)).getReason()).isEqualTo(RevocationReason.LOST);
	}

	@Test
	void aTermThatIsOverWhenItsTurnComesIsNotToldAndNeitherIsItsEnd() {
		this.election.subscribe(new Recorder("s"));
		grant(1);
		revoke(RevocationReason.RESIGNED);
		run();
		assertThat(this.told).containsExactly("finished");
	}

	@Test
	void aTermWhoseDeadlineHasPassedIsNotToldThoughNobodyHasNoticedYet() {
		grant(1);
		this.time.advance(TestNode.TIMING.renewDeadline());
		run();
		assertThat(this.told).isEmpty();
	}

	@Test
	void whatListenersThrowCostsNeitherSubscribersNorTheNextEvents() {
		this.listener = (event) -> {
			throw new IllegalStateException("listener");
		};
		this.election.subscribe(new LeadershipListener() {

			@Override
			public void onGranted(Leadership leadership) {
				throw new NoClassDefFoundError("subscriber");
			}

		});
		this.election.subscribe(new Recorder("s"));
		grant(1);
		run();
		revoke(RevocationReason.PAUSED);
		run();
		assertThat(this.told).containsExactly("granted 1, leads: true", "s granted 1, leads: true",
				"revoked 1 PAUSED, leads: false", "s revoked 1 PAUSED, leads: false", "failed");
	}

	@Test
	void whatListenersThrowIsLogged(CapturedOutput output) {
		this.listener = (event) -> {
			throw new IllegalStateException("the listener's own problem");
		};
		grant(1);
		run();
		assertThat(output).contains("Election 'a': a listener of LeadershipGrantedEvent failed",
				"the listener's own problem");
	}

	@Test
	void aLateSubscriberIsToldOfTheTermAndTheLeader() {
		grant(1);
		this.announcer.leaderChanged(null, OTHER);
		run();
		this.election.subscribe(new Recorder("late"));
		run();
		revoke(RevocationReason.STOPPED);
		run();
		assertThat(this.told).containsSubsequence("late granted 1, leads: true", "late changed null -> other",
				"late revoked 1 STOPPED, leads: false");
	}

	@Test
	void aSubscriberIsToldOfATermOnceThoughItCameJustBeforeTheEvent() {
		grant(1);
		this.announcer.leaderChanged(null, OTHER);
		this.election.subscribe(new Recorder("s"));
		run();
		assertThat(this.told).containsOnlyOnce("s granted 1, leads: true");
		assertThat(this.told).containsOnlyOnce("s changed null -> other");
	}

	@Test
	void aSubscriberThatCameTooLateForATermIsNotToldOfItsEnd() {
		grant(1);
		run();
		this.candidacies.resign(this.candidacy);
		this.election.subscribe(new Recorder("late"));
		revoke(RevocationReason.RESIGNED);
		run();
		assertThat(this.told).noneMatch((call) -> call.startsWith("late"));
	}

	@Test
	void aSubscriberThatCameAfterTheDeadlineIsNotToldOfTheTerm() {
		grant(1);
		run();
		this.time.advance(TestNode.TIMING.renewDeadline());
		this.election.subscribe(new Recorder("late"));
		run();
		revoke(RevocationReason.EXPIRED);
		run();
		assertThat(this.told).noneMatch((call) -> call.startsWith("late")).contains("revoked 1 EXPIRED, leads: false");
	}

	@Test
	void aLateSubscriberIsNotToldOfALeaderWhereNobodyIsKnownToLead() {
		this.announcer.leaderChanged(null, OTHER);
		this.announcer.leaderChanged(OTHER, null);
		run();
		this.election.subscribe(new Recorder("late"));
		run();
		assertThat(this.told).noneMatch((call) -> call.startsWith("late"));
	}

	@Test
	void aClosedSubscriptionIsToldNothing() {
		Subscription closed = this.election.subscribe(new Recorder("closed"));
		this.election.subscribe(new Recorder("open"));
		grant(1);
		closed.close();
		closed.close();
		run();
		assertThat(this.told).contains("open granted 1, leads: true").noneMatch((call) -> call.startsWith("closed"));
	}

	@Test
	void aSubscriptionMayBeClosedByItsListenerOrByAnother() {
		Subscription[] subscriptions = new Subscription[3];
		for (int i = 0; i < 3; i++) {
			subscriptions[i] = this.election.subscribe(new Recorder("s" + i) {

				@Override
				public void onGranted(Leadership leadership) {
					super.onGranted(leadership);
					subscriptions[0].close();
					subscriptions[1].close();
				}

			});
		}
		grant(1);
		run();
		revoke(RevocationReason.RESIGNED);
		run();
		assertThat(this.told).filteredOn((call) -> call.startsWith("s"))
			.containsExactly("s0 granted 1, leads: true", "s2 granted 1, leads: true",
					"s2 revoked 1 RESIGNED, leads: false");
	}

	@Test
	void leadersAreToldInAChain() {
		List<LeaderChangedEvent> events = new ArrayList<>();
		this.listener = (event) -> events.add((LeaderChangedEvent) event);
		this.announcer.leaderChanged(null, OTHER);
		this.announcer.leaderChanged(OTHER, null);
		run();
		assertThat(events.get(0).getPrevious()).isEmpty();
		assertThat(events.get(0).getCurrent()).contains(OTHER);
		assertThat(events.get(0).getFencingToken()).isEqualTo(7);
		assertThat(events.get(1).getPrevious()).contains(OTHER);
		assertThat(events.get(1).getCurrent()).isEmpty();
		assertThat(events.get(1).getFencingToken()).isZero();
	}

	@Test
	void whoStopsElectionsInTheMiddleOfAGrantIsToldTheEndFirstAndOthersNothing() {
		this.election.subscribe(new Recorder("first") {

			@Override
			public void onGranted(Leadership leadership) {
				super.onGranted(leadership);
				revoke(RevocationReason.STOPPED);
				runNested();
				AnnouncerTests.this.told.add("stopped");
			}

		});
		this.election.subscribe(new Recorder("second"));
		grant(1);
		run();
		assertThat(this.told).containsExactly("granted 1, leads: true", "first granted 1, leads: true",
				"revoked 1 STOPPED, leads: false", "first revoked 1 STOPPED, leads: false", "finished", "stopped");
	}

	@Test
	void afterACloseNothingIsTold(CapturedOutput output) {
		grant(1);
		this.announcer.leaderChanged(null, OTHER);
		this.announcer.close();
		run();
		assertThat(this.told).isEmpty();
		assertThat(output).doesNotContain("WARN");
	}

	@Test
	void aCloseWarnsOfAnEndThatListenersWereNotToldOf(CapturedOutput output) {
		this.election.subscribe(new Recorder("s"));
		this.listener = (event) -> {
			revoke(RevocationReason.STOPPED);
			this.announcer.close(); // by the loop, while this listener runs
		};
		grant(1);
		run();
		assertThat(this.told).containsExactly("granted 1, leads: true");
		assertThat(output).contains("WARN", "Election 'a': the end of the term with token 1 was not announced");
	}

	@Test
	void aCloseWarnsOfAnEndWhoseListenersHaveNotFinished(CapturedOutput output) {
		this.election.subscribe(new Recorder("s"));
		grant(1);
		run();
		this.told.clear();
		this.listener = (event) -> this.announcer.close();
		revoke(RevocationReason.STOPPED);
		run();
		assertThat(this.told).as("nothing after the close")
			.startsWith("revoked 1 STOPPED, leads: false")
			.noneMatch((call) -> call.startsWith("s "));
		assertThat(output).contains("WARN", "Election 'a': the lease was not given back");
	}

	@Test
	void aListenerOfTheEndThatStopsElectionsDoesNotCostTheOthersTheirCall() {
		this.election.subscribe(new Recorder("s"));
		grant(1);
		run();
		assertThat(this.announcer.isStoppedWithin(Thread.currentThread())).isFalse();
		this.listener = (event) -> {
			assertThat(this.announcer.isStoppedWithin(new Thread())).isFalse();
			assertThat(this.announcer.isStoppedWithin(Thread.currentThread())).isTrue();
			this.announcer.close();
		};
		revoke(RevocationReason.RESIGNED);
		run();
		assertThat(this.told).contains("s revoked 1 RESIGNED, leads: false");
	}

	private Leadership grant(long term) {
		this.candidacies.lead(this.candidacy, term);
		Leadership leadership = this.candidacy.term(term);
		this.announcer.granted(leadership);
		return leadership;
	}

	private void revoke(RevocationReason reason) {
		this.candidacies.resign(this.candidacy);
		this.announcer.revoked(this.candidacy.term(this.candidacy.standing().highestTerm()), reason,
				(allReturned) -> this.told.add(allReturned ? "finished" : "failed"));
	}

	private void run() {
		while (!this.pool.isEmpty()) {
			this.pool.remove().run();
		}
	}

	/** As a stop on the thread of a listener does. */
	private void runNested() {
		SerialQueue.runNested(this.executor);
	}

	private void published(Object object) {
		ElectionEvent event = (ElectionEvent) object;
		if (event instanceof LeadershipGrantedEvent) {
			this.told.add("granted " + event.getFencingToken() + ", leads: " + this.election.isLeader());
		}
		if (event instanceof LeadershipRevokedEvent revoked) {
			this.told.add("revoked " + event.getFencingToken() + " " + revoked.getReason() + ", leads: "
					+ this.election.isLeader());
		}
		this.listener.accept(event);
	}

	private class Recorder implements LeadershipListener {

		private final String name;

		Recorder(String name) {
			this.name = name;
		}

		@Override
		public void onGranted(Leadership leadership) {
			tell("granted " + leadership.fencingToken() + ", leads: " + AnnouncerTests.this.election.isLeader());
		}

		@Override
		public void onRevoked(Leadership leadership, RevocationReason reason) {
			tell("revoked " + leadership.fencingToken() + " " + reason + ", leads: "
					+ AnnouncerTests.this.election.isLeader());
		}

		@Override
		public void onLeaderChanged(@Nullable Leader previous, @Nullable Leader current) {
			tell("changed " + show(previous) + " -> " + show(current));
		}

		private void tell(String what) {
			AnnouncerTests.this.told.add(this.name + " " + what);
		}

		private static @Nullable String show(@Nullable Leader leader) {
			return (leader != null) ? leader.candidateId() : null;
		}

	}

}
