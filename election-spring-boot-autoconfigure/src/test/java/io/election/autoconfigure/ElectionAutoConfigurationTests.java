package io.election.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.runtime.DefaultLeaderElections;
import io.election.store.Backend;
import io.election.store.memory.MemoryBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.servlet.ServletWebServerFactory;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ElectionAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class ElectionAutoConfigurationTests {

	private static final String MEMORY_ADVICE = "election.backend is 'memory', which keeps elections in one JVM";

	private final ApplicationContextRunner unconfigured = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.unconfigured.withPropertyValues("election.backend=memory",
			"election.name=billing");

	@Test
	void electionsStartWithTheContextAndStopWithIt() {
		this.runner.run((context) -> {
			DefaultLeaderElections elections = context.getBean(DefaultLeaderElections.class);
			assertThat(elections.isRunning()).isTrue();
			assertThat(elections.backend()).isEqualTo("memory");
			context.close();
			assertThat(elections.isRunning()).isFalse();
		});
	}

	@Test
	void electionsStartWhereBeansAreLazy() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> assertThat(context.getBean(DefaultLeaderElections.class).isRunning()).isTrue());
	}

	@Test
	void theMainElectionIsNamedLikeTheApplication() {
		this.unconfigured.withPropertyValues("election.backend=memory", "spring.application.name=orders")
			.run((context) -> assertThat(context.getBean(LeaderElection.class).name()).isEqualTo("orders"));
	}

	@Test
	void electionNameIsTakenInPlaceOfTheNameOfTheApplication() {
		this.runner.withPropertyValues("spring.application.name=orders").run((context) -> {
			assertThat(context.getBean(LeaderElection.class).name()).isEqualTo("billing");
			assertThat(context.getBean(LeaderElections.class).names()).containsExactly("billing");
		});
	}

	@Test
	void furtherElectionsAreJoined() {
		this.runner.withPropertyValues("election.names=reports,billing,mails")
			.run((context) -> assertThat(context.getBean(LeaderElections.class).names())
				.containsExactlyInAnyOrder("billing", "reports", "mails"));
	}

	@Test
	void settingsComeFromProperties() {
		this.runner
			.withPropertyValues("election.lease-duration=30s", "election.renew-deadline=20s",
					"election.retry-period=1500ms", "election.phase=42", "election.candidate.id=blue-7",
					"election.candidate.attributes.zone=b")
			.run((context) -> {
				DefaultLeaderElections elections = context.getBean(DefaultLeaderElections.class);
				assertThat(elections.getPhase()).isEqualTo(42);
				assertThat(elections.report("billing")).satisfies((report) -> {
					assertThat(report.leaseDuration()).hasSeconds(30);
					assertThat(report.renewDeadline()).hasSeconds(20);
					assertThat(report.retryPeriod()).hasMillis(1500);
					assertThat(report.candidateId()).isEqualTo("blue-7");
				});
			});
	}

	@Test
	void settingsHaveDefaults() {
		this.runner.withPropertyValues("HOSTNAME=pod-7").run((context) -> {
			DefaultLeaderElections elections = context.getBean(DefaultLeaderElections.class);
			assertThat(elections.getPhase()).isEqualTo(Integer.MAX_VALUE - 512);
			assertThat(elections.report("billing")).satisfies((report) -> {
				assertThat(report.leaseDuration()).hasSeconds(15);
				assertThat(report.renewDeadline()).hasSeconds(10);
				assertThat(report.retryPeriod()).hasSeconds(2);
				assertThat(report.candidateId()).isEqualTo("pod-7-" + ProcessHandle.current().pid());
			});
		});
	}

	@Test
	void electionsStartWhenTheApplicationIsReady() {
		SpringApplication application = new SpringApplicationBuilder(RunnerConfiguration.class)
			.web(WebApplicationType.NONE)
			.properties("election.backend=memory", "election.name=when-ready", "election.start=application-ready")
			.build();
		try (ConfigurableApplicationContext context = application.run()) {
			assertThat(context.getBean(RunnerConfiguration.class).stateInRunner).isEqualTo(ElectionState.UNKNOWN);
			DefaultLeaderElections elections = context.getBean(DefaultLeaderElections.class);
			assertThat(elections.isRunning()).isTrue();
			context.stop();
			assertThat(elections.isRunning()).isFalse();
			context.restart();
			assertThat(elections.isRunning()).isTrue();
			context.close();
			assertThat(elections.isRunning()).isFalse();
		}
	}

	@Test
	void runnersOfTheApplicationSeeElectionsStarted() {
		SpringApplication application = new SpringApplicationBuilder(RunnerConfiguration.class)
			.web(WebApplicationType.NONE)
			.properties("election.backend=memory", "election.name=with-lifecycle")
			.build();
		try (ConfigurableApplicationContext context = application.run()) {
			assertThat(context.getBean(RunnerConfiguration.class).runningInRunner).isTrue();
		}
	}

	@Test
	void readinessCanBeRequired() {
		SpringApplication application = new SpringApplicationBuilder(RunnerConfiguration.class)
			.web(WebApplicationType.NONE)
			.properties("election.backend=memory", "election.name=if-ready", "election.require=readiness",
					"election.lease-duration=1s", "election.renew-deadline=600ms", "election.retry-period=100ms")
			.build();
		try (ConfigurableApplicationContext context = application.run()) {
			assertThat(context.getBean(RunnerConfiguration.class).runningInRunner).isTrue();
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
			assertThat(election.isLeader()).isTrue();
			AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
			assertThat(election.isLeader()).isFalse();
			assertThat(election.state()).isEqualTo(ElectionState.PAUSED);
			AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
			assertThat(election.state()).isEqualTo(ElectionState.PAUSED);
			await().until(election::isLeader);
			assertThat(context.getBean(ElectionReports.class).report("if-ready").transitions())
				.extracting(ElectionReport.Transition::reason)
				.containsSubsequence("GRANTED", "UNHEALTHY", "RESUMED", "GRANTED");
		}
	}

	@Test
	void nobodyLeadsBeforeItIsReadyIfThatIsRequired() {
		this.runner.withPropertyValues("election.require=readiness").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(() -> election.state() == ElectionState.PAUSED);
			AvailabilityChangeEvent.publish(context.getSourceApplicationContext(), ReadinessState.ACCEPTING_TRAFFIC);
			await().until(election::isLeader);
		});
	}

	@Test
	void leadershipGoesAfterTheApplicationIsSeenToRefuseTraffic() {
		List<Boolean> ledBefore = new ArrayList<>();
		this.runner.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class))
			.withInitializer((context) -> context.getBeanFactory().addBeanPostProcessor(new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String name) {
					return (bean instanceof ApplicationAvailabilityBean) ? new ApplicationAvailabilityBean() {

						@Override
						public void onApplicationEvent(AvailabilityChangeEvent<?> event) {
							ledBefore.add(context.getBean(LeaderElection.class).isLeader());
							super.onApplicationEvent(event);
						}

					} : bean;
				}

			}))
			.withPropertyValues("election.require=readiness")
			.run((context) -> {
				AvailabilityChangeEvent.publish(context.getSourceApplicationContext(),
						ReadinessState.ACCEPTING_TRAFFIC);
				await().until(context.getBean(LeaderElection.class)::isLeader);
				AvailabilityChangeEvent.publish(context.getSourceApplicationContext(), ReadinessState.REFUSING_TRAFFIC);
				assertThat(ledBefore).containsExactly(false, true);
				assertThat(context.getBean(LeaderElection.class).isLeader()).isFalse();
			});
	}

	@Test
	void readinessIsRequiredWhereBeansAreLazy() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("election.require=readiness")
			.run((context) -> {
				LeaderElection election = context.getBean(LeaderElection.class);
				await().until(() -> election.state() == ElectionState.PAUSED);
				AvailabilityChangeEvent.publish(context.getSourceApplicationContext(),
						ReadinessState.ACCEPTING_TRAFFIC);
				await().until(election::isLeader);
			});
	}

	@Test
	void readinessIsNotRequiredUnlessAskedFor() {
		this.runner.run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			AvailabilityChangeEvent.publish(context.getSourceApplicationContext(), ReadinessState.REFUSING_TRAFFIC);
			assertThat(election.isLeader()).isTrue();
		});
	}

	@Test
	void withoutConfigurationNothingIsNeededToBeDisabled() {
		this.unconfigured.withPropertyValues("election.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed();
			assertDisabled(context);
			assertThat(context.getBean(LeaderElection.class).name()).isEqualTo("application");
		});
	}

	@Test
	void disabledElectionsCanBeInjectedWhateverElseIsConfigured() {
		this.unconfigured
			.withPropertyValues("election.enabled=false", "election.backend=carrier-pigeon", "election.name=billing",
					"election.lease-duration=1s", "election.renew-deadline=1h", "election.start=application-ready",
					"election.names=reports")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertDisabled(context);
				assertThat(context.getBean(LeaderElections.class).names()).containsExactly("billing", "reports");
				assertThat(context.getBean(LeaderElections.class).join("mails").state())
					.isEqualTo(ElectionState.UNKNOWN);
			});
	}

	private void assertDisabled(AssertableApplicationContext context) {
		// Also starts what does not start by itself
		context.start();
		assertThat(context.getBean(DefaultLeaderElections.class).isRunning()).isFalse();
		assertThat(context.getBean(ElectionReports.class).backend()).isEqualTo("none");
		LeaderElection election = context.getBean(LeaderElection.class);
		assertThat(election.isLeader()).isFalse();
		assertThat(election.state()).isEqualTo(ElectionState.UNKNOWN);
		assertThat(election.leader()).isEmpty();
		assertThat(election.leadership()).isEmpty();
		assertThat(election.candidates()).isEmpty();
		election.resign();
		election.pause();
		election.resume();
		assertThat(election.state()).isEqualTo(ElectionState.UNKNOWN);
	}

	@Test
	void aMissingNameIsExplained() {
		this.unconfigured.withPropertyValues("election.backend=memory")
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription()).isEqualTo("The main election has no name.");
				assertThat(analysis.getAction()).isEqualTo(
						"Set election.name, or spring.application.name, which is taken if election.name is not set.");
			}));
	}

	@Test
	void aNameThatTheBackendCannotHaveIsExplained() {
		runWithPickyBackend("election.name=bad", (analysis) -> {
			assertThat(analysis.getDescription())
				.isEqualTo("'bad' in election.name cannot be the name of an election on the backend 'picky': "
						+ "only good names are allowed");
			assertThat(analysis.getAction()).isEqualTo("Change election.name.");
		});
	}

	@Test
	void aFurtherNameThatTheBackendCannotHaveIsExplained() {
		runWithPickyBackend("election.names=bad", (analysis) -> {
			assertThat(analysis.getDescription()).startsWith("'bad' in election.names cannot be");
			assertThat(analysis.getAction()).isEqualTo("Change election.names.");
		}, "election.name=good");
	}

	@Test
	void aNameOfTheApplicationThatTheBackendCannotHaveIsExplained() {
		runWithPickyBackend("spring.application.name=bad", (analysis) -> {
			assertThat(analysis.getDescription()).startsWith("'bad' in spring.application.name cannot be");
			assertThat(analysis.getAction())
				.isEqualTo("Set election.name, which is taken in place of spring.application.name.");
		});
	}

	private void runWithPickyBackend(String property, Consumer<FailureAnalysis> requirements, String... properties) {
		Backend picky = mock(Backend.class);
		given(picky.name()).willReturn("picky");
		willThrow(new IllegalArgumentException("only good names are allowed")).given(picky).checkName("bad");
		this.unconfigured.withBean(Backend.class, () -> picky)
			.withPropertyValues(property)
			.withPropertyValues(properties)
			.run((context) -> assertThat(analyze(context)).satisfies(requirements));
	}

	@Test
	void aLeaseDurationIsEnough() {
		this.runner.withPropertyValues("election.lease-duration=30s")
			.run((context) -> assertThat(context.getBean(ElectionReports.class).report("billing"))
				.satisfies((report) -> {
					assertThat(report.leaseDuration()).hasSeconds(30);
					assertThat(report.renewDeadline()).hasSeconds(20);
					assertThat(report.retryPeriod()).hasSeconds(4);
				}));
	}

	@Test
	void contradictoryNumbersAreExplainedWithSomeThatFit() {
		this.runner.withPropertyValues("election.lease-duration=6s", "election.renew-deadline=10s")
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.isEqualTo("election.renew-deadline is 10s but must be shorter than election.lease-duration (6s)");
				assertThat(analysis.getAction())
					.isEqualTo("Set election.lease-duration only, and the others are derived from it. For example, "
							+ "election.lease-duration=6s, election.renew-deadline=4s and election.retry-period=800ms "
							+ "fit together.");
			}));
	}

	@Test
	void otherSettingsThatAreRefusedAreExplained() {
		this.runner.withPropertyValues("election.stop-timeout=-1s")
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription()).startsWith("election.stop-timeout is");
				assertThat(analysis.getAction()).isEqualTo("Change the property.");
			}));
	}

	@Test
	void tokensBeginWithTheFirstToken() {
		this.runner.withPropertyValues("election.first-token=5000000").run((context) -> {
			LeaderElection election = context.getBean(LeaderElection.class);
			await().until(election::isLeader);
			assertThat(election.leadership().orElseThrow().fencingToken()).isEqualTo(5_000_000);
			election.resign(Duration.ZERO);
			await().until(election::isLeader);
			assertThat(election.leadership().orElseThrow().fencingToken()).isEqualTo(5_000_001);
		});
	}

	@Test
	void aFirstTokenThatIsNoneIsExplained() {
		for (String token : List.of("0", "1000000000000000001")) {
			this.runner.withPropertyValues("election.first-token=" + token)
				.run((context) -> assertThat(analyze(context).getDescription())
					.isEqualTo("election.first-token is " + token + " but must be between 1 and 1000000000000000000"));
		}
	}

	@Test
	void anUnknownBackendIsExplained() {
		this.runner.withPropertyValues("election.backend=carrier-pigeon")
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.isEqualTo("election.backend is 'carrier-pigeon', which is not a known backend.");
				assertThat(analysis.getAction())
					.isEqualTo("Set election.backend to one of: etcd, memory, mysql, nats, postgres.");
			}));
	}

	@Test
	void theExplanationIsShownInsteadOfAStackTrace(CapturedOutput output) {
		SpringApplication application = new SpringApplicationBuilder(RunnerConfiguration.class)
			.web(WebApplicationType.NONE)
			.properties("election.name=billing", "election.backend=carrier-pigeon")
			.build();
		assertThatException().isThrownBy(application::run);
		assertThat(output).contains("APPLICATION FAILED TO START", "which is not a known backend")
			.doesNotContain("\tat io.election");
	}

	@Test
	void aBackendOfTheApplicationIsUsed() {
		Backend own = mock(Backend.class);
		given(own.name()).willReturn("own");
		given(own.description()).willReturn("own");
		this.unconfigured.withBean(Backend.class, () -> own)
			.withPropertyValues("election.name=billing", "election.start=application-ready")
			.run((context) -> {
				assertThat(context).getBean(Backend.class).isSameAs(own);
				assertThat(context.getBean(ElectionReports.class).backend()).isEqualTo("own");
			});
	}

	@Test
	void aBackendOfTheApplicationInPlaceOfTheConfiguredOneIsLogged(CapturedOutput output) {
		Backend own = mock(Backend.class);
		given(own.name()).willReturn("own");
		given(own.description()).willReturn("own");
		this.unconfigured.withBean(Backend.class, () -> own)
			.withPropertyValues("election.name=billing", "election.backend=postgres",
					"election.start=application-ready")
			.run((context) -> {
				assertThat(context.getBean(ElectionReports.class).backend()).isEqualTo("own");
				assertThat(output).containsOnlyOnce("election.backend is 'postgres', but the application has a bean of "
						+ "type Backend, 'own', which is used in its place.");
			});
	}

	@Test
	void aBackendOfTheApplicationIsNotLoggedWhereNothingElseIsConfigured(CapturedOutput output) {
		Backend own = mock(Backend.class);
		given(own.name()).willReturn("own");
		this.unconfigured.withBean(Backend.class, () -> own)
			.withPropertyValues("election.name=billing", "election.start=application-ready")
			.run((context) -> assertThat(output).doesNotContain("election.backend"));
	}

	@Test
	void memoryInAnApplicationWithAWebServerIsWarnedOf(CapturedOutput output) {
		new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
			.withBean(ServletWebServerFactory.class, () -> (initializers) -> mock(WebServer.class))
			.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class))
			.withPropertyValues("election.backend=memory", "election.name=billing")
			.run((context) -> assertThat(output).containsOnlyOnce(MEMORY_ADVICE));
	}

	@Test
	void memoryOnACloudPlatformIsWarnedOf(CapturedOutput output) {
		this.runner.withPropertyValues("spring.main.cloud-platform=kubernetes")
			.run((context) -> assertThat(output).containsOnlyOnce(MEMORY_ADVICE));
	}

	@Test
	void memoryElsewhereIsNotWarnedOf(CapturedOutput output) {
		this.runner.run((context) -> assertThat(output).doesNotContain(MEMORY_ADVICE));
	}

	@Test
	void unknownPropertiesAreWarnedOf(CapturedOutput output) {
		this.runner.withPropertyValues("election.leese-duration=10s", "election.leaseDuration=10s")
			.run((context) -> assertThat(output).containsOnlyOnce("Did you mean election.lease-duration?"));
	}

	@Test
	void aQualifierThatNamesNoElectionIsExplained(CapturedOutput output) {
		SpringApplication application = new SpringApplicationBuilder(RunnerConfiguration.class, Misspelled.class)
			.web(WebApplicationType.NONE)
			.properties("election.name=billing", "election.names=reports", "election.backend=memory")
			.build();
		assertThatException().isThrownBy(application::run);
		assertThat(output).contains("APPLICATION FAILED TO START",
				" of constructor in " + Misspelled.class.getName()
						+ " asks for the election 'report', but no election has that name.",
				"Use @Qualifier with one of [billing, reports], or add 'report' to election.names.");
	}

	@Test
	void electionsOfTheApplicationAreUsed() {
		LeaderElections own = mock(LeaderElections.class);
		LeaderElection election = mock(LeaderElection.class);
		given(own.get("billing")).willReturn(election);
		this.runner.withBean(LeaderElections.class, () -> own).run((context) -> {
			assertThat(context).hasSingleBean(LeaderElections.class);
			assertThat(context.getBean(LeaderElection.class)).isSameAs(election);
		});
	}

	@Test
	void memoryIsSharedByAllContextsOfTheJvm() {
		this.runner.run((context) -> assertThat(context).getBean(Backend.class).isSameAs(MemoryBackend.shared()));
	}

	@Test
	void bootsOwnExecutorsDoNotBackOff() {
		this.runner.run((context) -> {
			assertThat(context).doesNotHaveBean(Executor.class);
			assertThat(context).doesNotHaveBean(TaskScheduler.class);
		});
	}

	private FailureAnalysis analyze(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new ElectionConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
		assertThat(analysis).as("analysis of %s", context.getStartupFailure()).isNotNull();
		return analysis;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(ElectionAutoConfiguration.class)
	static class RunnerConfiguration {

		private ElectionState stateInRunner;

		private boolean runningInRunner;

		@Bean
		ApplicationRunner runner(LeaderElection election, DefaultLeaderElections elections) {
			return (args) -> {
				this.stateInRunner = election.state();
				this.runningInRunner = elections.isRunning();
			};
		}

	}

	static class Misspelled {

		Misspelled(@Qualifier("report") LeaderElection reports) {
		}

	}

}
