package io.election;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * This application's part in one election. Every method may be called on any thread, also
 * by a listener of the election.
 * <p>
 * There is a bean for each configured election. {@code @Qualifier("billing")} selects the
 * one of that name; without a qualifier the main one is injected, whatever the name of
 * the parameter or field is.
 */
public interface LeaderElection {

	/**
	 * The name of the election.
	 * @return the name
	 */
	String name();

	/**
	 * The label of this candidate. It is for people: two candidates may have the same.
	 * @return the label
	 */
	String candidateId();

	/**
	 * Where this candidate stands.
	 * @return the state at this moment; {@link ElectionState#LEADER} exactly if
	 * {@link #isLeader()}
	 */
	ElectionState state();

	/**
	 * Whether this candidate leads. The clock is compared with the deadline of the term
	 * in this very call, so the answer is right even if the process was suspended until
	 * now. Costs about one {@link System#nanoTime()}, never blocks.
	 * <p>
	 * By the time a caller acts on the answer it may be out of date. Let the resource
	 * check the {@link Leadership#fencingToken() fencing token} where that matters.
	 * @return whether this candidate leads
	 */
	boolean isLeader();

	/**
	 * The current term of this candidate.
	 * @return the term, empty exactly if not {@link #isLeader()}
	 */
	Optional<Leadership> leadership();

	/**
	 * Who leads, as last observed. May be out of date by some seconds, or longer while
	 * the backend does not answer.
	 * @return the leader, empty if nobody is known to lead
	 */
	Optional<Leader> leader();

	/**
	 * Who takes part. Asks the backend, and waits for its answer for at most a retry
	 * period.
	 * @return the candidates as last read, if the backend does not answer in time
	 */
	List<Candidate> candidates();

	/**
	 * Claims the right to do what is to be done once a term.
	 * @return {@code true} for exactly one caller in each term of this candidate,
	 * {@code false} for every other and while it does not lead
	 */
	boolean claimInfancy();

	/**
	 * Steps down and lets others in for one lease duration.
	 * @see #resign(Duration)
	 */
	void resign();

	/**
	 * Steps down, and does not compete until another leads or the given time is over,
	 * counted from when the lease was given back. {@link #isLeader()} is {@code false}
	 * when this method returns, which it does at once; listeners are told afterwards.
	 * Does nothing if this candidate does not lead.
	 * @param standAside zero or more, at most one day
	 * @throws IllegalArgumentException if the time is out of bounds
	 */
	void resign(Duration standAside);

	/**
	 * Steps down if leading, and does not compete until {@link #resume()}, also across a
	 * stop and a start. May be called before the start. Returns at once.
	 */
	void pause();

	/**
	 * Competes again after {@link #pause()}, as soon as the application may lead at all.
	 * Returns at once; does nothing if not paused.
	 */
	void resume();

	/**
	 * Adds a listener. If this candidate leads, the listener is told of the current term
	 * first; if a leader is known, of that as well.
	 * @param listener the listener
	 * @return ends the subscription when closed
	 */
	Subscription subscribe(LeadershipListener listener);

}
