package io.election.autoconfigure;

import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.actuate.LeaderHealthEndpointGroups;
import io.election.actuate.LeaderHealthIndicator;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the
 * {@link LeaderHealthIndicator}, for applications that ask for it.
 */
@AutoConfiguration(after = ElectionAutoConfiguration.class)
@ConditionalOnClass({ HealthEndpointGroupsPostProcessor.class, SecurityContext.class })
@ConditionalOnBooleanProperty("management.health.leader.enabled")
@ConditionalOnBean(LeaderElections.class)
public final class LeaderHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "leaderHealthIndicator", "leaderHealthContributor" })
	LeaderHealthIndicator leaderHealthIndicator(LeaderElection election) {
		return new LeaderHealthIndicator(election);
	}

	@Bean
	@ConditionalOnBean(LeaderHealthIndicator.class)
	static HealthEndpointGroupsPostProcessor leaderHealthEndpointGroupsPostProcessor() {
		return LeaderHealthEndpointGroups::new;
	}

}
