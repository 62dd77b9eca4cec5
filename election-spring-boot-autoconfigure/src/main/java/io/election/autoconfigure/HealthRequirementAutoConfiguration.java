package io.election.autoconfigure;

import java.util.function.Supplier;

import io.election.actuate.LeaderHealthIndicator;
import io.election.runtime.DefaultLeaderElections;
import io.election.runtime.ElectionTime;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
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
@ConditionalOnBean(value = DefaultLeaderElections.class, search = SearchStrategy.CURRENT)
public final class HealthRequirementAutoConfiguration {

	@Bean
	@Lazy(false)
	HealthRequirement electionHealthRequirement(ElectionProperties properties, DefaultLeaderElections elections,
			ObjectProvider<HealthGroups> groups, ObjectProvider<ElectionTime> time) {
		if (!HealthRequirement.isMadeBy(properties, time)) {
			return new HealthRequirement(properties, elections, null);
		}
		HealthGroups known = groups.getIfAvailable();
		if (known == null) {
			throw new ElectionConfigurationException("election.require is 'health', but there is no health endpoint",
					"Add spring-boot-starter-actuator, and have management.endpoint.health.access and "
							+ "management.endpoints.*.exposure.include not keep out 'health'.");
		}
		return new HealthRequirement(properties, elections, known.illnessIn(properties.healthGroup()));
	}

	/**
	 * Tells how health groups are.
	 */
	@FunctionalInterface
	interface HealthGroups {

		/**
		 * Finds a group.
		 * @param group its name
		 * @return gives what is wrong in the group, {@code null} if nothing is; may block
		 */
		Supplier<@Nullable String> illnessIn(String group);

	}

	/**
	 * Asks the endpoint.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HealthEndpoint.class)
	@ConditionalOnBean(HealthEndpoint.class)
	static class HealthGroupsConfiguration {

		private static final int FIRST_ERROR = 400;

		@Bean
		HealthGroups electionHealthGroups(HealthEndpoint endpoint, HealthEndpointGroups groups,
				ObjectProvider<LeaderHealthIndicator> leader) {
			return (name) -> {
				HealthEndpointGroup group = group(groups, name);
				if (leader.stream().findAny().isPresent() && group.isMember("leader")) {
					throw new ElectionConfigurationException(
							"The health group '" + name + "' of election.health-group includes 'leader', "
									+ "which is up on the leader only: nobody would ever lead",
							"Exclude it with management.endpoint.health.group." + name + ".exclude=leader.");
				}
				return () -> illness(endpoint, name, group);
			};
		}

		private static HealthEndpointGroup group(HealthEndpointGroups groups, String name) {
			HealthEndpointGroup group = groups.get(name);
			if (group == null) {
				throw new ElectionConfigurationException(
						"election.health-group is '" + name + "', which is no health group; there are "
								+ groups.getNames(),
						"Define it with management.endpoint.health.group." + name + ".include, or name another one.");
			}
			return group;
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
