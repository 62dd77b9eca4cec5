package io.election.autoconfigure;

import io.election.ElectionReports;
import io.election.LeaderElections;
import io.election.actuate.LeadershipEndpoint;
import io.election.actuate.LeadershipEndpointWebExtension;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link LeadershipEndpoint}.
 */
@AutoConfiguration(after = ElectionAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(LeadershipEndpoint.class)
@ConditionalOnBean({ LeaderElections.class, ElectionReports.class })
public final class LeadershipEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	LeadershipEndpoint leadershipEndpoint(LeaderElections elections, ElectionReports reports) {
		return new LeadershipEndpoint(elections, reports);
	}

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	@ConditionalOnBean(LeadershipEndpoint.class)
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	LeadershipEndpointWebExtension leadershipEndpointWebExtension(LeadershipEndpoint endpoint) {
		return new LeadershipEndpointWebExtension(endpoint);
	}

}
