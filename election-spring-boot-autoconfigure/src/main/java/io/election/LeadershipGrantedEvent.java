package io.election;

/**
 * This application leads an election. {@link LeaderElection#isLeader()} is true when the
 * event is published; a term that is over by then is not announced at all.
 */
public class LeadershipGrantedEvent extends ElectionEvent {

	private final Leadership leadership;

	/**
	 * Creates the event.
	 * @param source the election
	 * @param leadership the term that began
	 */
	public LeadershipGrantedEvent(LeaderElection source, Leadership leadership) {
		super(source, leadership.fencingToken());
		this.leadership = leadership;
	}

	/**
	 * The term that began.
	 * @return the term
	 */
	public Leadership getLeadership() {
		return this.leadership;
	}

}
