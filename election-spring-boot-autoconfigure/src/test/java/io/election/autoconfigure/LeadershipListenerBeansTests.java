package io.election.autoconfigure;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.election.ElectionReports;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.Leadership;
import io.election.LeadershipListener;
import io.election.RevocationReason;
import io.election.runtime.DefaultLeaderElections;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link LeadershipListenerBeans}.
 */
class LeadershipListenerBeansTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class))
		.withPropertyValues("election.backend=memory", "election.name=orders", "election.names=reports")
		.withBean(Calls.class);

	@Test
	void aBeanIsCalledForTheMainElectionOrForTheOneThatItsQualifierNames() {
		this.runner.withUserConfiguration(Listeners.class).run((context) -> {
			awaitLeading(context);
			List<String> calls = context.getBean(Calls.class).list();
			assertThat(calls).containsExactlyInAnyOrder("main granted orders", "factoryMethod granted reports",
					"OfReports granted reports", "custom granted reports");
		});
	}

	@Test
	void theLeaseIsGivenBackWhenBeansHaveReturned() {
		this.runner.withUserConfiguration(Ordered.class).run((context) -> {
			awaitLeading(context);
			LeaderElection election = context.getBean(LeaderElection.class);
			List<String> calls = context.getBean(Calls.class).list();
			calls.clear();
			election.resign();
			await().until(() -> election.leadership().isEmpty() && calls.size() == 3);
			assertThat(calls).as("in order")
				.containsExactly("first revoked orders", "second revoked orders", "third revoked orders");
		});
	}

	@Test
	void aBeanThatThrowsHidesNothingFromTheNextAndCostsTheLease() {
		// Its lease is held for a while, which must not keep other tests from leading
		this.runner.withPropertyValues("election.name=left-to-run-out")
			.withUserConfiguration(Ordered.class)
			.withBean("failing", LeadershipListener.class, Failing::new)
			.run((context) -> {
				awaitLeading(context);
				List<String> calls = context.getBean(Calls.class).list();
				calls.clear();
				context.getBean(LeaderElection.class).resign();
				await().until(() -> calls.size() == 3);
				ElectionReports reports = context.getBean(ElectionReports.class);
				await().until(() -> !reports.report("left-to-run-out").warnings().isEmpty());
				assertThat(reports.report("left-to-run-out").warnings()).singleElement()
					.asString()
					.contains("left to run out", Failing.class.getName());
			});
	}

	@Test
	void aQualifierThatNamesNoElectionFailsTheStart() {
		this.runner.withBean("report", Misspelled.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOfSatisfying(ElectionConfigurationException.class, (failure) -> {
					assertThat(failure).hasMessageContaining("'report'").hasMessageContaining("'repots'");
					assertThat(failure.analysis().getAction()).contains("[orders, reports]");
				}));
	}

	@Test
	void beansOfAParentAreNotCalled() {
		new ApplicationContextRunner().withBean(Calls.class)
			.withUserConfiguration(Ordered.class)
			.run((parent) -> this.runner.withParent(parent.getSourceApplicationContext()).run((context) -> {
				awaitLeading(context);
				assertThat(parent.getBean(Calls.class).list()).isEmpty();
			}));
	}

	private void awaitLeading(AssertableApplicationContext context) {
		LeaderElections elections = context.getBean(LeaderElections.class);
		DefaultLeaderElections told = (DefaultLeaderElections) elections;
		await().until(() -> elections.names().stream().allMatch((name) -> elections.get(name).isLeader())
				&& !told.isListening());
	}

	record Calls(List<String> list) {

		Calls() {
			this(new CopyOnWriteArrayList<>());
		}

	}

	static class Recording implements LeadershipListener {

		private final String name;

		private final Calls calls;

		Recording(String name, Calls calls) {
			this.name = name;
			this.calls = calls;
		}

		@Override
		public void onGranted(Leadership leadership) {
			this.calls.list().add(this.name + " granted " + leadership.election());
		}

		@Override
		public void onRevoked(Leadership leadership, RevocationReason reason) {
			this.calls.list().add(this.name + " revoked " + leadership.election());
		}

	}

	@Order(2)
	static class Failing implements LeadershipListener {

		@Override
		public void onRevoked(Leadership leadership, RevocationReason reason) {
			throw new IllegalStateException("the listener's own problem");
		}

	}

	@Qualifier("repots")
	static class Misspelled implements LeadershipListener {

	}

	@Qualifier("reports")
	static class OfReports extends Recording {

		/** Depends on an election, which listeners may. */
		OfReports(Calls calls, @Qualifier("reports") LeaderElection election) {
			super("OfReports", calls);
			assertThat(election.name()).isEqualTo("reports");
		}

	}

	@Retention(RetentionPolicy.RUNTIME)
	@Qualifier("reports")
	@interface Reports {

	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		@Bean
		LeadershipListener main(Calls calls) {
			return new Recording("main", calls);
		}

		@Bean
		@Qualifier("reports")
		LeadershipListener factoryMethod(Calls calls) {
			return new Recording("factoryMethod", calls);
		}

		@Bean
		@Reports
		LeadershipListener custom(Calls calls) {
			return new Recording("custom", calls);
		}

		@Bean
		OfReports ofReports(Calls calls, @Qualifier("reports") LeaderElection election) {
			return new OfReports(calls, election);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Ordered {

		@Bean
		@Order(3)
		LeadershipListener last(Calls calls) {
			return new Recording("third", calls);
		}

		@Bean
		@Order(1)
		LeadershipListener begin(Calls calls) {
			return new Recording("first", calls);
		}

		@Bean
		@Order(2)
		LeadershipListener middle(Calls calls) {
			return new Recording("second", calls);
		}

	}

}
