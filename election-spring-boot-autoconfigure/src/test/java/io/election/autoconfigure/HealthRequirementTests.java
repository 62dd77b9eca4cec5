package io.election.autoconfigure;

import java.util.concurrent.CountDownLatch;

import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.runtime.ElectionTime;
import org.junit.jupiter.api.Test;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link HealthRequirementAutoConfiguration} and {@link HealthRequirement}.
 */
class HealthRequirementTests {

	private final Disk disk = new Disk();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class, EndpointAutoConfiguration.class,
				HealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
				HealthEndpointAutoConfiguration.class, HealthRequirementAutoConfiguration.class,
				LeaderHealthContributorAutoConfiguration.class, ApplicationAvailabilityAutoConfiguration.class,
				AvailabilityHealthContributorAutoConfiguration.class, AvailabilityProbesAutoConfiguration.class))
		.withBean("disk", HealthIndicator.class, () -> this.disk)
		.withPropertyValues("election.backend=memory", "election.name=if-healthy", "election.require=health",
				"election.lease-duration=3s", "election.renew-deadline=2s", "election.retry-period=200ms",
				"management.endpoints.web.exposure.include=health");

	private final ApplicationContextRunner withGroup = this.runner.withPropertyValues(
			"election.health-group=fit-to-lead", "management.endpoint.health.group.fit-to-lead.include=disk");

	@Test
	void whoFallsIllStepsDownAndCompetesAgainAWhileAfterItsRecovery() {
		this.withGroup.run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			this.disk.health = Health.down().build();
			await().until(() -> election.state() == ElectionState.PAUSED);
			assertThat(election.isLeader()).isFalse();
			this.disk.health = Health.up().build();
			await().until(election::isLeader);
			assertThat(context.getBean(ElectionReports.class).report("if-healthy").transitions())
				.extracting(ElectionReport.Transition::reason)
				.startsWith("JOINED") // before or after the first check
				.endsWith("GRANTED", "UNHEALTHY", "RESUMED", "GRANTED");
		});
	}

	@Test
	void whoWasNeverHealthyNeverCompetes() {
		this.disk.health = Health.outOfService().build();
		this.withGroup.run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(() -> election.state() == ElectionState.PAUSED);
			this.disk.health = Health.status("FATAL").build(); // which Boot maps to 200
			await().until(election::isLeader);
		});
	}

	@Test
	void aCheckThatFailsOrDoesNotReturnCountsAsIllness() {
		this.withGroup.run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			this.disk.health = null;
			await().until(() -> election.state() == ElectionState.PAUSED);
			this.disk.health = Health.up().build();
			await().until(election::isLeader);
			CountDownLatch stuck = new CountDownLatch(1);
			this.disk.stuck = stuck;
			await().until(() -> election.state() == ElectionState.PAUSED);
			this.disk.stuck = new CountDownLatch(0);
			stuck.countDown();
			await().until(election::isLeader);
		});
	}

	@Test
	void aContextThatStartsAgainNeedNotWait() {
		this.withGroup.run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			context.stop();
			assertThat(election.isLeader()).isFalse();
			this.disk.health = Health.down().build();
			context.start();
			await().until(() -> election.state() == ElectionState.PAUSED);
			this.disk.health = Health.up().build();
			await().until(election::isLeader);
		});
	}

	@Test
	void healthDoesNotCountInATimeThatATestMakesPass() {
		this.disk.health = Health.down().build();
		this.withGroup.withBean(ElectionTime.class, ElectionTime::system)
			.run((context) -> await().until(context.getBean(LeaderElection.class)::isLeader));
	}

	@Test
	void healthDoesNotCountUnlessAskedFor() {
		this.disk.health = Health.down().build();
		this.withGroup.withPropertyValues("election.require=nothing", "election.health-group=none")
			.run((context) -> await().until(context.getBean(LeaderElection.class)::isLeader));
		this.withGroup.withPropertyValues("election.enabled=off", "election.health-group=none")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void theGroupOfReadinessIsTheDefault() {
		this.runner.run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
			await().until(election::isLeader);
			AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
			await().until(() -> election.state() == ElectionState.PAUSED);
		});
	}

	@Test
	void aGroupThatIsNotThereIsRefused() {
		this.runner
			.withPropertyValues("election.health-group=fit", "management.endpoint.health.group.fit-to-lead.include=*")
			.run((context) -> assertThat(context).getFailure()
				.hasRootCauseMessage(
						"election.health-group is 'fit', which is no health group; there are [fit-to-lead, liveness, readiness]"));
	}

	@Test
	void aGroupThatIsUpOnTheLeaderOnlyIsRefused() {
		this.withGroup
			.withPropertyValues("management.health.leader.enabled=true",
					"management.endpoint.health.group.fit-to-lead.include=*")
			.run((context) -> assertThat(context).getFailure()
				.hasRootCauseMessage("The health group 'fit-to-lead' of election.health-group includes 'leader', "
						+ "which is up on the leader only: nobody would ever lead"));
		this.withGroup.withPropertyValues("management.endpoint.health.group.fit-to-lead.include=*")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void withoutHealthEndpointItIsRefused() {
		String message = "election.require is 'health', but there is no health endpoint";
		this.withGroup.withPropertyValues("management.endpoint.health.access=NONE")
			.run((context) -> assertThat(context).getFailure().hasRootCauseMessage(message));
		ApplicationContextRunner alone = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(ElectionAutoConfiguration.class, HealthRequirementAutoConfiguration.class))
			.withClassLoader(
					new FilteredClassLoader("org.springframework.boot.health", "org.springframework.boot.actuate"))
			.withPropertyValues("election.backend=memory", "election.name=a", "election.require=health");
		alone.run((context) -> assertThat(context).getFailure().hasRootCauseMessage(message));
		alone
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> assertThat(context).getFailure().hasRootCauseMessage(message));
		alone.withPropertyValues("election.enabled=false").run((context) -> assertThat(context).hasNotFailed());
	}

	/**
	 * Says what it is told to, if anything.
	 */
	private static final class Disk implements HealthIndicator {

		private volatile Health health = Health.up().build();

		private volatile CountDownLatch stuck = new CountDownLatch(0);

		@Override
		public Health health() {
			try {
				this.stuck.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			Health present = this.health;
			if (present == null) {
				throw new IllegalStateException("No disk");
			}
			return present;
		}

	}

}
