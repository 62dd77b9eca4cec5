package io.election;

import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Another leads an election than before, or nobody, as observed by this application.
 * Published on every node, the leader's included.
 */
public class LeaderChangedEvent extends ElectionEvent {

	private final transient @Nullable Leader previous;

	private final transient @Nullable Leader current;

	/**
	 * Creates the event.
	 * @param source the election
	 * @param previous who led before, {@code null} if nobody was known to
	 * @param current who leads, {@code null} if nobody is known to
	 */
	public LeaderChangedEvent(LeaderElection source, @Nullable Leader previous, @Nullable Leader current) {
		super(source, (current != null) ? current.fencingToken() : 0);
		this.previous = previous;
		this.current = current;
	}

	/**
	 * Who led before.
	 * @return the leader, empty if nobody was known to lead
	 */
	public Optional<Leader> getPrevious() {
		return Optional.ofNullable(this.previous);
	}

	/**
	 * Who leads.
	 * @return the leader, empty if nobody is known to lead
	 */
	public Optional<Leader> getCurrent() {
		return Optional.ofNullable(this.current);
	}

}
