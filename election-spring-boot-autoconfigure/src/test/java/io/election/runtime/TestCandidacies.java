package io.election.runtime;

import java.util.List;
import java.util.Map;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Request;
import io.election.core.Self;
import io.election.core.Standing;
import io.election.core.Step;
import io.election.core.Timing;

/**
 * Candidacies at any point of their way, without a loop or a store.
 */
final class TestCandidacies {

	static final Timing TIMING = TestNode.TIMING;

	private final TestTime time;

	private final SerialQueue queue;

	private final org.springframework.context.ApplicationEventPublisher publisher;

	TestCandidacies(TestTime time, SerialQueue queue, org.springframework.context.ApplicationEventPublisher publisher) {
		this.time = time;
		this.queue = queue;
		this.publisher = publisher;
	}

	TestCandidacies(TestTime time) {
		this(time, new SerialQueue(Runnable::run), (event) -> {
		});
	}

	/** A candidate that has just joined and waits for an answer to its look. */
	Candidacy joined(String name) {
		DefaultLeaderElection election = new DefaultLeaderElection(name,
				TestNode.settings("node", TestNode.STOP_TIMEOUT, name), () -> true);
		Self self = new Self(name, "nonce of " + name, "node", Map.of());
		Step first = Standing.join(self, 0, TIMING, this.time.getAsLong());
		Announcer announcer = new Announcer(election, this.publisher, this.queue,
				new Observers(List.of(), Runnable::run), this.time);
		Candidacy candidacy = new Candidacy(election, null, this.time, announcer, first, this.time.instant());
		election.takesPart(candidacy);
		return candidacy;
	}

	/** A candidate that has just asked for the lease. */
	Candidacy claiming(String name) {
		Candidacy candidacy = joined(name);
		become(candidacy,
				candidacy.standing()
					.answered(TIMING, this.time.getAsLong(), new Request.Look(this.time.getAsLong()),
							new Answer.Seen(new LeaseRecord.Absent())));
		return candidacy;
	}

	/** A candidate that leads from now on. */
	Candidacy leading(String name, long term) {
		Candidacy candidacy = claiming(name);
		lead(candidacy, term);
		return candidacy;
	}

	/** Has a candidate that has just asked lead from now on. */
	void lead(Candidacy candidacy, long term) {
		Lease lease = new Lease(candidacy.name(), candidacy.standing().self().nonce(), term, 1);
		become(candidacy,
				candidacy.standing().answered(TIMING, this.time.getAsLong(), acquire(), new Answer.Held(lease)));
	}

	void resign(Candidacy candidacy) {
		become(candidacy, candidacy.standing().resign(TIMING, this.time.getAsLong(), TIMING.leaseDuration()));
	}

	void become(Candidacy candidacy, Step step) {
		candidacy.become(step, "", this.time.instant());
	}

	Request acquire() {
		return new Request.Acquire(this.time.getAsLong(), new LeaseRecord.Absent(), 0);
	}

}
