package io.election.test;

import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.election.ElectionReport;
import io.election.ElectionState;
import io.election.LeaderElection;
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

	TestElections(Supplier<DefaultLeaderElections> elections, Supplier<LeaderElection> main, TestBackend backend,
			TestTime time) {
		this.elections = elections;
		this.main = main;
		this.backend = backend;
		this.time = time;
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
		this.backend.offer(election);
		try {
			letPassUntil(() -> find(election).isLeader(), election, "does not become the leader");
		}
		catch (AssertionError ex) {
			this.backend.retake(election);
			throw ex;
		}
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
		requireLeader(election);
		long term = this.backend.seize(election, TestBackend.ANOTHER, Map.of());
		awaitRevoked(election);
		awaitLeader(election, term);
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
		requireLeader(election);
		long term = this.backend.succeed(election, candidateId);
		find(election).resign();
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
		requireLeader(election);
		this.backend.silence(election);
		awaitRevoked(election);
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
		Duration step = this.elections.get().report(main()).retryPeriod().dividedBy(2);
		for (Duration left = duration; left.compareTo(Duration.ZERO) > 0; left = left.minus(step)) {
			pass((left.compareTo(step) < 0) ? left : step);
		}
	}

	/** Has the application see who leads. */
	void begin() {
		for (String election : this.elections.get().names()) {
			if (find(election).state() != ElectionState.UNKNOWN) {
				awaitLeader(election, this.backend.retake(election));
			}
		}
	}

	/** Has another candidate lead all elections, none of them paused. */
	void reset() {
		settle();
		for (String election : this.elections.get().names()) {
			this.backend.answer(election);
			if (find(election).isLeader()) {
				revoke(election);
			}
			find(election).resume();
		}
		begin();
	}

	private void awaitRevoked(String election) {
		letPassUntil(() -> !find(election).isLeader(), election, "does not stop leading");
	}

	private void awaitLeader(String election, long term) {
		letPassUntil(() -> find(election).leader().filter((leader) -> leader.fencingToken() == term).isPresent(),
				election, "does not see who leads");
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

	/** Has everything done that is due, and returns when all listeners have. */
	private void settle() {
		long end = System.nanoTime() + PATIENCE.toNanos();
		// Asked twice: what ends may begin something
		while (!(isAtRest() && isAtRest())) {
			if (System.nanoTime() - end > 0) {
				throw new AssertionError(
						this.elections.get().isListening() ? "A listener of an election has not returned in " + PATIENCE
								: "Elections do not come to rest");
			}
			pause();
		}
	}

	private boolean isAtRest() {
		DefaultLeaderElections current = this.elections.get();
		return !current.isListening() && current.catchUp() && !current.isListening();
	}

	private static void pause() {
		try {
			Thread.sleep(1);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while elections were at work", ex);
		}
	}

	private void requireLeader(String election) {
		settle();
		if (!find(election).isLeader()) {
			throw wrong(election, "does not lead");
		}
	}

	private void requireFollower(String election) {
		settle();
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
		String state = (report.state() != ElectionState.UNKNOWN) ? report.state().name()
				: "elections have not started; is election.enabled=false?";
		return new AssertionError("The application %s in election '%s'. State: %s, leader: %s, transitions: %s"
			.formatted(failure, election, state, report.leader(), report.transitions()));
	}

}
