package io.election.autoconfigure;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.election.ElectionObserver;
import io.election.LeaderElections;
import io.election.actuate.ElectionHealthIndicator;
import io.election.actuate.ElectionMetrics;
import io.election.actuate.LeaderHealthIndicator;
import io.election.actuate.LeadershipEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.timeout;

/**
 * Tests for {@link LeadershipEndpointAutoConfiguration} and
 * {@link ElectionHealthContributorAutoConfiguration},
 * {@link LeaderHealthContributorAutoConfiguration} and
 * {@link ElectionMetricsAutoConfiguration}.
 */
class ElectionActuatorAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class,
				LeadershipEndpointAutoConfiguration.class, ElectionHealthContributorAutoConfiguration.class,
				ElectionMetricsAutoConfiguration.class, LeaderHealthContributorAutoConfiguration.class))
		.withPropertyValues("election.backend=memory", "election.name=actuator");

	private final ApplicationContextRunner exposed = this.runner
		.withPropertyValues("management.endpoints.web.exposure.include=leadership");

	@Test
	void endpointIsThereIfExposed() {
		this.exposed.run((context) -> assertThat(context).hasSingleBean(LeadershipEndpoint.class));
	}

	@Test
	void endpointIsNotThereUnlessExposed() {
		this.runner.run((context) -> assertThat(context).doesNotHaveBean(LeadershipEndpoint.class));
	}

	@Test
	void endpointIsNotThereIfAccessIsDenied() {
		this.exposed.withPropertyValues("management.endpoint.leadership.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(LeadershipEndpoint.class));
	}

	@Test
	void endpointOfTheApplicationIsUsed() {
		LeadershipEndpoint own = mock(LeadershipEndpoint.class);
		this.exposed.withBean(LeadershipEndpoint.class, () -> own)
			.run((context) -> assertThat(context).getBean(LeadershipEndpoint.class).isSameAs(own));
	}

	@Test
	void endpointShowsThatElectionsAreDisabled() {
		this.exposed.withPropertyValues("election.enabled=false").run((context) -> {
			LeadershipEndpoint.LeadershipDescriptor leadership = context.getBean(LeadershipEndpoint.class).leadership();
			assertThat(leadership.backend()).isEqualTo("none");
			assertThat(leadership.elections().get("actuator").state()).hasToString("UNKNOWN");
		});
	}

	@Test
	void healthIndicatorIsThere() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(ElectionHealthIndicator.class)
			.hasBean("electionHealthIndicator"));
	}

	@Test
	void healthIndicatorCanBeDisabled() {
		this.runner.withPropertyValues("management.health.election.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ElectionHealthIndicator.class));
	}

	@Test
	void healthIndicatorOfTheApplicationIsUsed() {
		HealthIndicator own = () -> Health.up().build();
		this.runner.withBean("electionHealthIndicator", HealthIndicator.class, () -> own)
			.run((context) -> assertThat(context).getBean(HealthIndicator.class).isSameAs(own));
	}

	@Test
	void leaderHasNoHealthUnlessAskedFor() {
		this.runner.run((context) -> assertThat(context).doesNotHaveBean(LeaderHealthIndicator.class)
			.doesNotHaveBean(HealthEndpointGroupsPostProcessor.class));
	}

	@Test
	void leaderHasHealthIfAskedFor() {
		this.runner.withPropertyValues("management.health.leader.enabled=true").run((context) -> {
			assertThat(context).hasSingleBean(HealthEndpointGroupsPostProcessor.class);
			LeaderHealthIndicator indicator = context.getBean("leaderHealthIndicator", LeaderHealthIndicator.class);
			await().untilAsserted(() -> assertThat(indicator.health().getStatus()).isEqualTo(Status.UP));
		});
	}

	@Test
	void leaderHealthOfTheApplicationIsUsed() {
		HealthIndicator own = () -> Health.up().build();
		this.runner.withPropertyValues("management.health.leader.enabled=true")
			.withBean("leaderHealthIndicator", HealthIndicator.class, () -> own)
			.run((context) -> assertThat(context).doesNotHaveBean(LeaderHealthIndicator.class)
				.doesNotHaveBean(HealthEndpointGroupsPostProcessor.class));
	}

	@Test
	void leaderHasNoHealthWithoutActuator() {
		this.runner.withPropertyValues("management.health.leader.enabled=true")
			.withClassLoader(new FilteredClassLoader(SecurityContext.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("leaderHealthIndicator"));
	}

	@Test
	void metricsNeedOneRegistry() {
		this.runner.withBean("one", SimpleMeterRegistry.class)
			.withBean("two", SimpleMeterRegistry.class)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ElectionMetrics.class));
	}

	@Test
	void observersMayDependOnElections() {
		this.runner.withUserConfiguration(DependentObserver.class)
			.run((context) -> await()
				.until(() -> context.getBean(DependentObserver.class).joined.contains("actuator")));
	}

	@Test
	void metricsTellWhoLeads() {
		this.runner.withBean(SimpleMeterRegistry.class).run((context) -> {
			assertThat(context).hasSingleBean(ElectionMetrics.class);
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			await().untilAsserted(
					() -> assertThat(registry.get("election.leader").tags("election", "actuator").gauge().value())
						.isEqualTo(1));
		});
	}

	@Test
	void metricsOfTheApplicationAreUsed() {
		ElectionMetrics own = mock(ElectionMetrics.class);
		this.runner.withBean(SimpleMeterRegistry.class)
			.withBean(ElectionMetrics.class, () -> own)
			.run((context) -> assertThat(context).getBean(ElectionMetrics.class).isSameAs(own));
	}

	@Test
	void metricsAreNotThereWithoutRegistry() {
		this.runner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ElectionMetrics.class));
	}

	@Test
	void metricsAreNotThereWithoutMicrometer() {
		this.runner.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LeaderElections.class)
				.doesNotHaveBean("electionMetrics"));
	}

	@Test
	void everyObserverIsTold() {
		ElectionObserver first = mock(ElectionObserver.class);
		ElectionObserver second = mock(ElectionObserver.class);
		this.runner.withBean("first", ElectionObserver.class, () -> first)
			.withBean("second", ElectionObserver.class, () -> second)
			.run((context) -> {
				then(first).should(timeout(20_000)).joined("actuator");
				then(second).should(timeout(20_000)).joined("actuator");
			});
	}

	@Test
	void nothingIsThereWithoutReports() {
		this.exposed.withBean(SimpleMeterRegistry.class)
			.withBean(LeaderElections.class, () -> mock(LeaderElections.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(LeadershipEndpoint.class)
				.doesNotHaveBean(ElectionHealthIndicator.class)
				.doesNotHaveBean(ElectionMetrics.class));
	}

	@Test
	void endpointIsNotThereWithoutActuator() {
		this.exposed.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LeaderElections.class)
				.doesNotHaveBean(LeadershipEndpoint.class));
	}

	@Test
	void healthIndicatorIsNotThereWithoutHealth() {
		this.runner.withClassLoader(new FilteredClassLoader(ConditionalOnEnabledHealthIndicator.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LeaderElections.class)
				.doesNotHaveBean(ElectionHealthIndicator.class));
	}

	@Component
	static class DependentObserver implements ElectionObserver {

		private final LeaderElections elections;

		private final Set<String> joined = ConcurrentHashMap.newKeySet();

		DependentObserver(LeaderElections elections) {
			this.elections = elections;
		}

		@Override
		public void joined(String election) {
			this.joined.add(this.elections.get(election).name());
		}

	}

}
