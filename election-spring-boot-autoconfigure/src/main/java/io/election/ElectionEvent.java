package io.election;

import org.springframework.context.ApplicationEvent;

/**
 * Something that happened in an election. Its source is the {@link LeaderElection}.
 */
public abstract class ElectionEvent extends ApplicationEvent {

	private final String election;

	private final String candidateId;

	private final long fencingToken;

	ElectionEvent(LeaderElection source, long fencingToken) {
		super(source);
		this.election = source.name();
		this.candidateId = source.candidateId();
		this.fencingToken = fencingToken;
	}

	/**
	 * The name of the election, for conditions such as
	 * {@code @EventListener(condition = "event.election == 'billing'")}. Without a
	 * condition, a listener is called for every election of the application; with the
	 * name of an election that does not exist, for none. In {@code event.election} the
	 * event is found without the name of the parameter, which {@code #event.election}
	 * needs and only {@code javac -parameters} keeps.
	 * @return the name
	 */
	public final String getElection() {
		return this.election;
	}

	/**
	 * The label of this application as a candidate.
	 * @return the label
	 */
	public final String getCandidateId() {
		return this.candidateId;
	}

	/**
	 * The fencing token of the term that the event is about.
	 * @return the token, 0 where there is no such term or the backend can give none
	 */
	public final long getFencingToken() {
		return this.fencingToken;
	}

}
