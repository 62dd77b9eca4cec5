package io.election;

/**
 * This application no longer leads an election. {@link LeaderElection#isLeader()} is
 * false when the event is published. The lease is not given back before all listeners
 * have finished, unless it runs out meanwhile. If one of them throws, it is not given
 * back at all: what the listener was to end may still go on, so the lease has to run out.
 */
public class LeadershipRevokedEvent extends ElectionEvent {

	private final Leadership leadership;

	private final RevocationReason reason;

	/**
	 * Creates the event.
	 * @param source the election
	 * @param leadership the term that ended
	 * @param reason why it ended
	 */
	public LeadershipRevokedEvent(LeaderElection source, Leadership leadership, RevocationReason reason) {
		super(source, leadership.fencingToken());
		this.leadership = leadership;
		this.reason = reason;
	}

	/**
	 * The term that ended, the same as in the event of its grant.
	 * @return the term
	 */
	public Leadership getLeadership() {
		return this.leadership;
	}

	/**
	 * Why the term ended.
	 * @return the reason
	 */
	public RevocationReason getReason() {
		return this.reason;
	}

}
