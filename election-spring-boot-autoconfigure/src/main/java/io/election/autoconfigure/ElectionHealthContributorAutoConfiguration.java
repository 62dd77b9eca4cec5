package io.election.autoconfigure;

import java.time.Clock;

import io.election.ElectionReports;
import io.election.LeaderElections;
import io.election.actuate.ElectionHealthIndicator;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the
 * {@link ElectionHealthIndicator}.
 */
@AutoConfiguration(after = ElectionAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnEnabledHealthIndicator.class)
@ConditionalOnEnabledHealthIndicator("election")
@ConditionalOnBean({ LeaderElections.class, ElectionReports.class })
public final class ElectionHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "electionHealthIndicator", "electionHealthContributor" },
			search = SearchStrategy.CURRENT)
	ElectionHealthIndicator electionHealthIndicator(LeaderElections elections, ElectionReports reports) {
		return new ElectionHealthIndicator(elections, reports, Clock.systemUTC());
	}

}
