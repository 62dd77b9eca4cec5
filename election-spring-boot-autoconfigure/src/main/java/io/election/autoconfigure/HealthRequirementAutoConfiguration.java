package io.election.autoconfigure;

import io.election.actuate.LeaderHealthIndicator;
import io.election.runtime.DefaultLeaderElections;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for {@code election.require=health}.
 */
@AutoConfiguration(after = { ElectionAutoConfiguration.class, LeaderHealthContributorAutoConfiguration.class },
		afterName = "org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration")
@ConditionalOnProperty(name = "election.require", havingValue = "health")
@ConditionalOnProperty(name = "election.enabled", matchIfMissing = true)
@ConditionalOnBean(DefaultLeaderElections.class)
public final class HealthRequirementAutoConfiguration {

	/** Else nobody would ever lead, and nobody would know why. */
	@Bean
	@Lazy(false)
	static SmartInitializingSingleton electionHealthRequirementCheck(ObjectProvider<HealthRequirement> requirement) {
		return () -> {
			if (requirement.getIfAvailable() == null) {
				throw new ElectionConfigurationException(
						"election.require is 'health', but there is no health endpoint",
						"Add spring-boot-starter-actuator, and have management.endpoint.health.access and "
								+ "management.endpoints.*.exposure.include not keep out 'health'.");
			}
		};
	}

	/**
	 * Asks the endpoint.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HealthEndpoint.class)
	@ConditionalOnBean(HealthEndpoint.class)
	static class Available {

		private static final int FIRST_ERROR = 400;

		@Bean
		HealthRequirement electionHealthRequirement(ElectionProperties properties, DefaultLeaderElections elections,
				HealthEndpoint endpoint, HealthEndpointGroups groups, ObjectProvider<LeaderHealthIndicator> leader) {
			String name = properties.healthGroup();
			HealthEndpointGroup group = groups.get(name);
			if (group == null) {
				throw new ElectionConfigurationException(
						"election.health-group is '" + name + "', which is no health group; there are "
								+ groups.getNames(),
						"Define it with management.endpoint.health.group." + name + ".include, or name another one.");
			}
			if (leader.stream().findAny().isPresent() && group.isMember("leader")) {
				throw new ElectionConfigurationException(
						"The health group '" + name + "' of election.health-group includes 'leader', "
								+ "which is up on the leader only: nobody would ever lead",
						"Exclude it with management.endpoint.health.group." + name + ".exclude=leader.");
			}
			return new HealthRequirement(properties, elections, () -> illness(endpoint, name, group));
		}

		private static @Nullable String illness(HealthEndpoint endpoint, String name, HealthEndpointGroup group) {
			HealthDescriptor health = endpoint.healthForPath(name);
			if (health == null) {
				return "health group '" + name + "' has no members";
			}
			// What a load balancer would make of it
			return (group.getHttpCodeStatusMapper().getStatusCode(health.getStatus()) < FIRST_ERROR) ? null
					: "health group '" + name + "' is " + health.getStatus();
		}

	}

}
