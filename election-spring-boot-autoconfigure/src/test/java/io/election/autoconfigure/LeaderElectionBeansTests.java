package io.election.autoconfigure;

import java.util.function.Consumer;

import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.runtime.DefaultLeaderElections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the beans of {@link LeaderElectionRegistrar} and
 * {@link LeaderElectionQualifiers}, on the JVM and with code generated ahead of time.
 */
@ExtendWith(OutputCaptureExtension.class)
class LeaderElectionBeansTests {

	private static final String[] PROPERTIES = { "election.backend=memory", "election.name=orders",
			"election.names=billing,reports" };

	@Test
	void everyNamedElectionIsABean() {
		onTheJvm(this::assertEveryNamedElectionIsABean, PROPERTIES);
	}

	@Test
	void electionsAreInjectedByName() {
		onTheJvm(this::assertElectionsAreInjectedByName, PROPERTIES);
	}

	@Test
	void electionsThatAreJoinedLaterAreNoBeans() {
		onTheJvm((context) -> {
			context.getBean(LeaderElections.class).join("mails");
			assertThat(context.getBeanNamesForType(LeaderElection.class)).hasSize(3);
		}, PROPERTIES);
	}

	@Test
	@CompileWithForkedClassLoader
	void aheadOfTimeElectionsAreBeansAndInjectedByName(CapturedOutput output) {
		aheadOfTime((context) -> {
			assertEveryNamedElectionIsABean(context);
			assertElectionsAreInjectedByName(context);
			assertThat(output).containsOnlyOnce(" has no @Qualifier")
				.contains("parameter 'main' of the constructor of");
		}, PROPERTIES);
	}

	@Test
	@CompileWithForkedClassLoader
	void aheadOfTimeElectionsCanStillBeDisabled() {
		aheadOfTime((context) -> {
			assertThat(context.getBean(DefaultLeaderElections.class).isRunning()).isFalse();
			assertThat(context.getBean(Injected.class).main.isLeader()).isFalse();
		}, "election.enabled=false", "election.name=orders", "election.names=billing,reports");
	}

	private void assertEveryNamedElectionIsABean(GenericApplicationContext context) {
		assertThat(context.getBeanNamesForType(LeaderElection.class)).containsExactlyInAnyOrder("leaderElection.orders",
				"leaderElection.billing", "leaderElection.reports");
		LeaderElections elections = context.getBean(LeaderElections.class);
		assertThat(context.getBean("leaderElection.reports")).isSameAs(elections.get("reports"));
		assertThat(context.getBean(LeaderElection.class)).isSameAs(elections.get("orders"));
	}

	private void assertElectionsAreInjectedByName(GenericApplicationContext context) {
		Injected injected = context.getBean(Injected.class);
		assertThat(injected.main.name()).isEqualTo("orders");
		assertThat(injected.billing.name()).isEqualTo("billing");
		assertThat(injected.reports.name()).isEqualTo("reports");
		assertThat(injected.service).isSameAs(context.getBean("billing"));
	}

	private void onTheJvm(Consumer<GenericApplicationContext> assertions, String... properties) {
		try (GenericApplicationContext context = unrefreshed(properties)) {
			context.refresh();
			assertions.accept(context);
		}
	}

	/** The application is built with one set of properties, and run with another. */
	private void aheadOfTime(Consumer<GenericApplicationContext> assertions, String... propertiesWhenRun) {
		TestGenerationContext generated = new TestGenerationContext();
		ClassName initializer = generate(generated);
		TestCompiler.forSystem().with(generated).compile((compiled) -> {
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				TestPropertyValues.of(propertiesWhenRun).applyTo(context);
				initializer(compiled.getInstance(ApplicationContextInitializer.class, initializer.toString()))
					.initialize(context);
				context.refresh();
				assertions.accept(context);
			}
		});
	}

	@SuppressWarnings("unchecked")
	private ApplicationContextInitializer<GenericApplicationContext> initializer(
			ApplicationContextInitializer<?> initializer) {
		return (ApplicationContextInitializer<GenericApplicationContext>) initializer;
	}

	private ClassName generate(TestGenerationContext generated) {
		System.setProperty(AbstractAotProcessor.AOT_PROCESSING, "true");
		try (GenericApplicationContext context = unrefreshed("election.name=when-built", "election.names=billing")) {
			ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(context, generated);
			generated.writeGeneratedContent();
			return initializer;
		}
		finally {
			System.clearProperty(AbstractAotProcessor.AOT_PROCESSING);
		}
	}

	private GenericApplicationContext unrefreshed(String... properties) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		TestPropertyValues.of(properties).applyTo(context);
		context.register(Application.class, ElectionAutoConfiguration.class);
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	@Import(Injected.class)
	static class Application {

		/** Named like an election, as an alias of the election's bean could not be. */
		@Bean
		Service billing() {
			return new Service();
		}

	}

	static class Service {

	}

	static class Injected {

		private final LeaderElection main;

		private final LeaderElection billing;

		private final LeaderElection reports;

		private final Service service;

		Injected(LeaderElection main, @Qualifier("billing") LeaderElection billing,
				@Qualifier("reports") LeaderElection reports, @Qualifier("billing") Service service) {
			this.main = main;
			this.billing = billing;
			this.reports = reports;
			this.service = service;
		}

	}

}
