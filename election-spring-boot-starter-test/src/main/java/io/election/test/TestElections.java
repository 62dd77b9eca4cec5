package io.election.test;

import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.election.ElectionReport;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.runtime.DefaultLeaderElections;

/**
 * With which a test decides who leads. A bean where a test class is annotated with
 * {@link AutoConfigureElection @AutoConfigureElection}.
 * <p>
 * Another candidate leads at first, whenever the application does not, and after each
 * test method. Time stands still except in these methods: only they make it pass, for all
 * elections alike. Each returns when the listeners of its events have returned,
 * asynchronous ones aside, and fails with an {@link AssertionError} if what it is for
 * cannot happen. For one thread.
 */
public final class TestElections {

	/** In real time; far more than anything takes that does not hang. */
	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final Supplier<DefaultLeaderElections> elections;

	private final Supplier<LeaderElection> main;

	private final TestBackend backend;

	private final TestTime time;

	private final ListenerLog log;

	TestElections(Supplier<DefaultLeaderElections> elections, Supplier<LeaderElection> main, TestBackend backend,
			TestTime time, ListenerLog log) {
		this.elections = elections;
		this.main = main;
		this.backend = backend;
		this.time = time;
		this.log = log;
	}

	/**
	 * Lets the application lead the main election, in a new term.
	 * @return the fencing token of the term
	 * @see #grant(String)
	 */
	public long grant() {
		return grant(main());
	}

	/**
	 * Lets the application lead, in a new term.
	 * @param election the name of an election that the application does not lead
	 * @return the fencing token of the term
	 */
	public long grant(String election) {
		requireFollower(election);
		int granted = this.log.count(election, LeadershipGrantedEvent.class);
		this.backend.offer(election);
		letPassUntil(() -> find(election).isLeader(), election, "does not become the leader");
		await(() -> this.log.count(election, LeadershipGrantedEvent.class) > granted, election,
				"has listeners of the granted event that do not return");
		return find(election).leadership().orElseThrow(() -> wrong(election, "leads no more")).fencingToken();
	}

	/**
	 * Takes the main election away.
	 * @see #revoke(String)
	 */
	public void revoke() {
		revoke(main());
	}

	/**
	 * Takes leadership away: the lease is another candidate's, as if an operator had
	 * interfered. The reason told is {@code LOST}.
	 * @param election the name of an election that the application leads
	 */
	public void revoke(String election) {
		int revoked = requireLeader(election);
		this.backend.seize(election, TestBackend.ANOTHER, Map.of());
		awaitRevoked(election, revoked);
	}

	/**
	 * Has the application resign from the main election in favour of another candidate.
	 * @param candidateId the id of who leads then
	 * @see #handOver(String, String)
	 */
	public void handOver(String candidateId) {
		handOver(main(), candidateId);
	}

	/**
	 * Has the application resign in favour of another candidate. The reason told is
	 * {@code RESIGNED}.
	 * @param election the name of an election that the application leads
	 * @param candidateId the id of who leads then
	 */
	public void handOver(String election, String candidateId) {
		int revoked = requireLeader(election);
		long term = this.backend.succeed(election, candidateId);
		find(election).resign();
		awaitRevoked(election, revoked);
		awaitLeader(election, term);
	}

	/**
	 * Lets the lease of the main election run out.
	 * @see #expire(String)
	 */
	public void expire() {
		expire(main());
	}

	/**
	 * Lets the lease run out, as if the backend did not answer. The reason told is
	 * {@code EXPIRED}.
	 * @param election the name of an election that the application leads
	 */
	public void expire(String election) {
		int revoked = requireLeader(election);
		this.backend.silence(election);
		awaitRevoked(election, revoked);
		long term = this.backend.seize(election, TestBackend.ANOTHER, Map.of());
		this.backend.answer(election);
		awaitLeader(election, term);
	}

	/**
	 * Has another candidate lead, on which the application looks.
	 * @param election the name of an election that the application does not lead
	 * @param candidateId the id of who leads then
	 * @param attributes what that candidate tells about itself
	 */
	public void elect(String election, String candidateId, Map<String, String> attributes) {
		requireFollower(election);
		awaitLeader(election, this.backend.seize(election, candidateId, attributes));
	}

	/**
	 * Lets time pass. Leases are renewed meanwhile.
	 * @param duration how much
	 */
	public void advance(Duration duration) {
		Duration step = Duration.ofMillis(50);
		for (Duration left = duration; left.compareTo(Duration.ZERO) > 0; left = left.minus(step)) {
			pass((left.compareTo(step) < 0) ? left : step);
		}
	}

	/** Has another candidate lead all elections, none of them paused. */
	void reset() {
		for (String election : this.elections.get().names()) {
			this.backend.answer(election);
			if (find(election).isLeader()) {
				revoke(election);
			}
			await(() -> isGivenBack(election), election, "does not give the lease back");
			long term = this.backend.retake(election);
			find(election).resume();
			if (find(election).state() != ElectionState.UNKNOWN) {
				awaitLeader(election, term);
			}
		}
	}

	/** Which it is when listeners have returned. */
	private boolean isGivenBack(String election) {
		settle();
		return !this.backend.isHeld(election);
	}

	private void awaitRevoked(String election, int before) {
		letPassUntil(() -> !find(election).isLeader(), election, "does not stop leading");
		await(() -> this.log.count(election, LeadershipRevokedEvent.class) > before, election,
				"has listeners of the revoked event that do not return");
		settle();
	}

	private void awaitLeader(String election, long term) {
		letPassUntil(() -> find(election).leader().filter((leader) -> leader.fencingToken() == term).isPresent(),
				election, "does not see who leads");
		await(() -> this.log.leader(election) == term, election,
				"has listeners of the leader-changed event that do not return");
	}

	/** Lets time pass until something is so, for two leases at most. */
	private void letPassUntil(BooleanSupplier condition, String election, String failure) {
		ElectionReport report = this.elections.get().report(election);
		Duration step = report.retryPeriod().dividedBy(2);
		Duration limit = report.leaseDuration().multipliedBy(2);
		settle();
		for (Duration passed = Duration.ZERO; !condition.getAsBoolean(); passed = passed.plus(step)) {
			if (passed.compareTo(limit) >= 0) {
				throw wrong(election, failure);
			}
			pass(step);
		}
	}

	private void pass(Duration duration) {
		this.time.advance(duration);
		settle();
	}

	/** Has everything done that is due, listeners aside. */
	private void settle() {
		for (long end = end(); !this.elections.get().catchUp();) {
			pause(end, () -> new AssertionError("Elections do not come to rest"));
		}
	}

	private void await(BooleanSupplier condition, String election, String failure) {
		for (long end = end(); !condition.getAsBoolean();) {
			pause(end, () -> wrong(election, failure));
		}
	}

	private static long end() {
		return System.nanoTime() + PATIENCE.toNanos();
	}

	private static void pause(long end, Supplier<AssertionError> failure) {
		if (System.nanoTime() - end > 0) {
			throw failure.get();
		}
		try {
			Thread.sleep(1);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while elections were at work", ex);
		}
	}

	private int requireLeader(String election) {
		if (!find(election).isLeader()) {
			throw wrong(election, "does not lead");
		}
		return this.log.count(election, LeadershipRevokedEvent.class);
	}

	private void requireFollower(String election) {
		if (find(election).isLeader()) {
			throw wrong(election, "leads");
		}
	}

	private String main() {
		return this.main.get().name();
	}

	private LeaderElection find(String election) {
		return this.elections.get().get(election);
	}

	private AssertionError wrong(String election, String failure) {
		ElectionReport report = this.elections.get().report(election);
		return new AssertionError("The application %s in election '%s'. State: %s, leader: %s, transitions: %s"
			.formatted(failure, election, report.state(), report.leader(), report.transitions()));
	}

}
