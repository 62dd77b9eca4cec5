package io.election.autoconfigure;

import java.util.List;

import io.election.LeaderChangedEvent;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipListener;
import io.election.LeadershipRevokedEvent;
import io.election.integration.LeaderEventBridge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AmbiguousElections}.
 */
@ExtendWith(OutputCaptureExtension.class)
class AmbiguousElectionsTests {

	private final ApplicationContextRunner one = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ElectionAutoConfiguration.class, LeaderEventBridgeAutoConfiguration.class))
		.withPropertyValues("election.backend=memory", "election.name=orders");

	private final ApplicationContextRunner several = this.one.withPropertyValues("election.names=reports,billing");

	@Test
	void listenersWithoutAConditionAreWarnedOf(CapturedOutput output) {
		this.several.withUserConfiguration(Listeners.class).run((context) -> {
			assertThat(context).hasSingleBean(LeaderEventBridge.class);
			assertThat(warnings(output)).containsExactlyInAnyOrder(advice("any(LeadershipGrantedEvent)"),
					advice("two()"));
		});
	}

	private String advice(String method) {
		return Listeners.class.getName() + "." + method + " has no condition, so it is called for each of the "
				+ "elections [orders, reports, billing]. Write @EventListener(condition = \"event.election == 'orders'\") "
				+ "for one of them, with the name exactly as it is configured, or condition = \"true\" for all.";
	}

	@Test
	void leadershipListenersWithoutAQualifierAreWarnedOf(CapturedOutput output) {
		this.several.withBean("worker", LeadershipListener.class, () -> new LeadershipListener() {
		}).withBean(OfReports.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(warnings(output)).containsExactly("LeadershipListener 'worker' has no @Qualifier, so it is "
					+ "called for the main election, 'orders', only. Write @Qualifier(\"orders\") on its class or @Bean "
					+ "method, or the name of another election: [reports, billing].");
		});
	}

	@Test
	void injectionsWithoutAQualifierAreWarnedOf(CapturedOutput output) {
		this.several.withUserConfiguration(Injections.class).run((context) -> {
			assertThat(context.getBean(Constructor.class).reports.name()).isEqualTo("orders");
			assertThat(warnings(output)).containsExactlyInAnyOrder(
					injection(Constructor.class.getName(),
							"parameter 'reports' of the constructor of " + Constructor.class.getName()),
					injection("field", "field 'election' of " + Field.class.getName()),
					injection("setter", "parameter 'election' of " + Setter.class.getName() + ".use"),
					injection("factoryMethod",
							"parameter 'election' of " + Injections.class.getName() + ".factoryMethod"));
		});
	}

	private String injection(String bean, String point) {
		return "Bean '" + bean + "': " + point
				+ " has no @Qualifier, so it gets the main election, 'orders', whatever its "
				+ "name is. Write @Qualifier(\"orders\") LeaderElection, or the name of another election: [reports, billing].";
	}

	@Test
	void withOneElectionNothingIsWarnedOf(CapturedOutput output) {
		this.one.withUserConfiguration(Listeners.class, Injections.class)
			.run((context) -> assertThat(warnings(output)).isEmpty());
	}

	@Test
	void whereElectionsAreDisabledNothingIsWarnedOf(CapturedOutput output) {
		this.several.withPropertyValues("election.enabled=false")
			.withUserConfiguration(Listeners.class, Injections.class)
			.run((context) -> assertThat(warnings(output)).isEmpty());
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.toString()
			.lines()
			.filter((line) -> line.contains("WARN") && line.contains(" has no "))
			// What comes before depends on who configured logging first
			.map((line) -> line.replaceFirst(".* (:|--) ", ""))
			.toList();
	}

	@Qualifier("reports")
	static class OfReports implements LeadershipListener {

	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		@EventListener
		void any(LeadershipGrantedEvent event) {
		}

		@EventListener({ LeadershipRevokedEvent.class, LeaderChangedEvent.class })
		void two() {
		}

		@EventListener(condition = "event.election == 'billing'")
		void one(LeadershipGrantedEvent event) {
		}

		@EventListener(condition = "true")
		void all(LeadershipGrantedEvent event) {
		}

		@EventListener
		void somethingElse(ContextRefreshedEvent event) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Constructor.class)
	static class Injections {

		@Bean
		Field field() {
			return new Field();
		}

		@Bean
		Setter setter() {
			return new Setter();
		}

		@Bean
		Object factoryMethod(LeaderElection election, @Qualifier("orders") LeaderElection main) {
			return new Object();
		}

		@Bean
		Object qualified(@Qualifier("orders") LeaderElection main, List<LeaderElection> all) {
			return new Object();
		}

	}

	static class Constructor {

		private final LeaderElection reports;

		Constructor(LeaderElection reports, @Qualifier("orders") LeaderElection main) {
			this.reports = reports;
		}

	}

	static class Field {

		@Autowired
		private LeaderElection election;

		@Autowired
		@Qualifier("orders")
		private LeaderElection orders;

	}

	static class Setter {

		@Autowired
		void use(LeaderElection election) {
		}

		void isNotInjected(LeaderElection election) {
		}

	}

}
