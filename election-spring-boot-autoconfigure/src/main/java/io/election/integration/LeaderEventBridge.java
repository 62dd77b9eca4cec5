package io.election.integration;

import java.util.function.BiFunction;

import io.election.ElectionEvent;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.event.AbstractLeaderEvent;
import org.springframework.integration.leader.event.OnGrantedEvent;
import org.springframework.integration.leader.event.OnRevokedEvent;

/**
 * Publishes Spring Integration's leader events for those of elections: the role is the
 * name of the election, the source the {@link LeaderElection}. So
 * {@code @EventListener(OnGrantedEvent.class)} and endpoints with {@code @Role} work as
 * with any of its leader initiators. Their listeners are waited for like any others: the
 * lease is given back when they have returned.
 */
public class LeaderEventBridge {

	private final ApplicationEventPublisher publisher;

	/**
	 * Creates a bridge.
	 * @param publisher takes Spring Integration's events
	 */
	public LeaderEventBridge(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@EventListener(condition = "true") // of every election
	void granted(LeadershipGrantedEvent event) {
		publish(event, (election, term) -> new OnGrantedEvent(election, term, election.name()));
	}

	@EventListener(condition = "true") // of every election
	void revoked(LeadershipRevokedEvent event) {
		publish(event, (election, term) -> new OnRevokedEvent(election, term, election.name()));
	}

	private void publish(ElectionEvent event, BiFunction<LeaderElection, Context, AbstractLeaderEvent> translation) {
		LeaderElection election = (LeaderElection) event.getSource();
		this.publisher.publishEvent(translation.apply(election, new Term(election, event.getFencingToken())));
	}

	/**
	 * A term of an election.
	 */
	private record Term(LeaderElection election, long fencingToken) implements Context {

		@Override
		public boolean isLeader() {
			return this.election.leadership().filter((term) -> term.fencingToken() == this.fencingToken).isPresent();
		}

		/** Gives up this term, if it is not over, for a lease duration. */
		@Override
		public void yield() {
			if (isLeader()) {
				this.election.resign();
			}
		}

		@Override
		public String getRole() {
			return this.election.name();
		}

	}

}
