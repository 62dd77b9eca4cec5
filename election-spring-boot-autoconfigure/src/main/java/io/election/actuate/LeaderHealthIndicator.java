package io.election.actuate;

import io.election.LeaderElection;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * {@link HealthIndicator} that is up only on the leader of an election, and out of
 * service elsewhere: for a load balancer that is to send requests to the leader only.
 */
public class LeaderHealthIndicator extends AbstractHealthIndicator {

	private final LeaderElection election;

	/**
	 * Creates the indicator.
	 * @param election the election whose leader is up
	 */
	public LeaderHealthIndicator(LeaderElection election) {
		super("Health check of the leader failed");
		this.election = election;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		boolean leads = this.election.isLeader();
		(leads ? builder.up() : builder.outOfService()).withDetail("election", this.election.name());
		this.election.leader().ifPresent((leader) -> builder.withDetail("leader", leader.candidateId()));
	}

}
