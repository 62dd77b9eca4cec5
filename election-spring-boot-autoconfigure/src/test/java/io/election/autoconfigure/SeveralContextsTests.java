package io.election.autoconfigure;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.runtime.DefaultLeaderElections;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Elections where an application has more than one context, or one that does not start.
 */
class SeveralContextsTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class))
		.withPropertyValues("election.backend=memory", "election.name=billing");

	private final Deque<ConfigurableApplicationContext> contexts = new ArrayDeque<>();

	@AfterEach
	void close() {
		this.contexts.forEach(ConfigurableApplicationContext::close);
	}

	@Test
	void anotherContextThatIsReadyStartsNothing() {
		this.runner.withPropertyValues("election.start=application-ready").run((context) -> {
			try (GenericApplicationContext child = childOf(context.getSourceApplicationContext())) {
				child.publishEvent(ready(child));
				assertThat(context.getBean(DefaultLeaderElections.class).isRunning()).isFalse();
				context.publishEvent(ready(context.getSourceApplicationContext()));
				assertThat(context.getBean(DefaultLeaderElections.class).isRunning()).isTrue();
			}
		});
	}

	@Test
	void theReadinessOfAnotherContextDoesNotCount() {
		this.runner.withPropertyValues("election.require=readiness").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			try (GenericApplicationContext child = childOf(context.getSourceApplicationContext())) {
				AvailabilityChangeEvent.publish(child, ReadinessState.ACCEPTING_TRAFFIC);
				assertThat(election.state()).isNotEqualTo(ElectionState.LEADER);
				AvailabilityChangeEvent.publish(context.getSourceApplicationContext(),
						ReadinessState.ACCEPTING_TRAFFIC);
				await().until(election::isLeader);
				AvailabilityChangeEvent.publish(child, ReadinessState.REFUSING_TRAFFIC);
				assertThat(election.isLeader()).isTrue();
				AvailabilityChangeEvent.publish(context, this, ReadinessState.REFUSING_TRAFFIC);
				assertThat(election.isLeader()).as("any other source is the application's own").isFalse();
			}
		});
	}

	@Test
	void aChildSharesTheElectionsOfItsParent() {
		ConfigurableApplicationContext parent = run(null, "election.name=shared", "election.names=reports");
		ConfigurableApplicationContext child = run(parent, "election.name=reports");
		assertThat(child.getBean(LeaderElections.class)).isSameAs(parent.getBean(LeaderElections.class));
		assertThat(child.getBean(LeaderElection.class)).as("its own main one")
			.isSameAs(parent.getBean(LeaderElections.class).get("reports"));
		await().until(child.getBean(LeaderElection.class)::isLeader);
		child.close();
		assertThat(parent.getBean(LeaderElections.class).get("reports").isLeader()).isTrue();
	}

	@Test
	void aChildWithAnotherNameHasElectionsOfItsOwn() {
		ConfigurableApplicationContext parent = run(null, "spring.application.name=core");
		ConfigurableApplicationContext child = run(parent, "spring.application.name=web");
		assertThat(child.getBean(LeaderElections.class).names()).containsExactly("web");
		assertThat(parent.getBean(LeaderElections.class).names()).containsExactly("core");
		assertThat(child.getBean(LeaderElection.class).name()).isEqualTo("web");
		assertThat(parent.getBean(LeaderElection.class).name()).isEqualTo("core");
		await().until(() -> child.getBean(LeaderElection.class).isLeader()
				&& parent.getBean(LeaderElection.class).isLeader());
		child.close();
		assertThat(parent.getBean(LeaderElection.class).isLeader()).isTrue();
	}

	@Test
	void aChildHasElectionsOfItsOwnWhereThoseOfItsParentAreDisabled() {
		ConfigurableApplicationContext parent = run(null, "election.enabled=false", "election.name=below");
		ConfigurableApplicationContext child = run(parent, "election.enabled=true", "election.name=below");
		await().until(child.getBean(LeaderElection.class)::isLeader);
		assertThat(parent.getBean(LeaderElection.class).state()).isEqualTo(ElectionState.UNKNOWN);
	}

	@Test
	void aContextThatFailsToStartLeavesNobodyBehind() {
		this.runner.withUserConfiguration(FailingListener.class).run((context) -> {
			assertThat(context).hasFailed();
			await().until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().equals("election-store")));
		});
	}

	@Test
	void electionsStopWithTheirBeanWhereTheLifecycleDoesNotStopThem() {
		GenericApplicationContext context = new GenericApplicationContext();
		context.registerBean(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME, DefaultLifecycleProcessor.class,
				StartingProcessor::new);
		TestPropertyValues.of("election.backend=memory", "election.name=destroyed").applyTo(context);
		new AnnotatedBeanDefinitionReader(context).register(Application.class);
		context.refresh();
		DefaultLeaderElections elections = context.getBean(DefaultLeaderElections.class);
		assertThat(elections.isRunning()).isTrue();
		await().until(elections.get("destroyed")::isLeader);
		context.close();
		assertThat(elections.isRunning()).isFalse();
		assertThat(elections.get("destroyed").state()).isEqualTo(ElectionState.UNKNOWN);
	}

	private ConfigurableApplicationContext run(@Nullable ConfigurableApplicationContext parent, String... properties) {
		SpringApplicationBuilder builder = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("election.backend=memory")
			.properties(properties);
		ConfigurableApplicationContext context = ((parent != null) ? builder.parent(parent) : builder).run();
		this.contexts.push(context);
		return context;
	}

	private static GenericApplicationContext childOf(ApplicationContext parent) {
		GenericApplicationContext child = new GenericApplicationContext(parent);
		child.refresh();
		return child;
	}

	private static ApplicationReadyEvent ready(ConfigurableApplicationContext context) {
		return new ApplicationReadyEvent(new SpringApplication(), new String[0], context, Duration.ZERO);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(ElectionAutoConfiguration.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingListener {

		@EventListener
		void refreshed(ContextRefreshedEvent event) {
			throw new IllegalStateException("not today");
		}

	}

	/** Does as some versions of Spring do when a start fails: stops nothing. */
	private static final class StartingProcessor extends DefaultLifecycleProcessor {

		@Override
		public void onClose() {
			// Beans are destroyed all the same
		}

	}

}
