package io.election.integration;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.election.autoconfigure.ElectionAutoConfiguration;
import io.election.autoconfigure.LeaderEventBridgeAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.integration.annotation.ServiceActivator;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.DefaultCandidate;
import org.springframework.integration.leader.event.AbstractLeaderEvent;
import org.springframework.integration.leader.event.OnGrantedEvent;
import org.springframework.integration.leader.event.OnRevokedEvent;
import org.springframework.integration.support.SmartLifecycleRoleController;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.integration.annotation.Role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application made for Spring Integration's leader events, with its leader initiator
 * and with elections in its place: it must not see a difference.
 */
class SwitchedApplicationTests {

	private final ApplicationContextRunner application = new ApplicationContextRunner()
		.withUserConfiguration(Application.class);

	private final ApplicationContextRunner switched = this.application
		.withConfiguration(
				AutoConfigurations.of(ElectionAutoConfiguration.class, LeaderEventBridgeAutoConfiguration.class))
		.withPropertyValues("election.backend=memory", "election.name=billing");

	@Test
	void worksWithSpringIntegrationsInitiator() {
		this.application.withUserConfiguration(Initiator.class).run(this::leadsAndYields);
	}

	@Test
	void worksWithElections() {
		this.switched.run((context) -> {
			leadsAndYields(context);
			await().until(() -> context.getBean(SmartLifecycleRoleController.class).noEndpointsRunning("billing"));
		});
	}

	@Test
	void leadershipIsRevokedWhenTheApplicationStops() {
		Application[] application = new Application[1];
		this.switched.run((context) -> {
			application[0] = context.getBean(Application.class);
			await().until(() -> application[0].events.contains("granted billing"));
		});
		assertThat(application[0].events).containsExactly("granted billing", "revoked billing");
	}

	@Test
	void nothingIsPublishedWithoutSpringIntegration() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(ElectionAutoConfiguration.class, LeaderEventBridgeAutoConfiguration.class))
			.withPropertyValues("election.backend=memory", "election.name=billing")
			.withClassLoader(new FilteredClassLoader(AbstractLeaderEvent.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("leaderEventBridge"));
	}

	private void leadsAndYields(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		Application application = context.getBean(Application.class);
		SmartLifecycleRoleController roles = context.getBean(SmartLifecycleRoleController.class);
		await().until(() -> roles.allEndpointsRunning("billing"));
		await().until(() -> application.terms.size() == 1);
		Context term = application.terms.get(0);
		assertThat(term.isLeader()).isTrue();
		assertThat(term.getRole()).isEqualTo("billing");
		term.yield();
		await().until(() -> application.events.size() >= 2);
		assertThat(application.events).startsWith("granted billing", "revoked billing");
	}

	@Configuration
	@EnableIntegration
	static class Application {

		private final List<String> events = new CopyOnWriteArrayList<>();

		private final List<Context> terms = new CopyOnWriteArrayList<>();

		@EventListener(OnGrantedEvent.class)
		void granted(OnGrantedEvent event) {
			this.events.add("granted " + event.getRole());
			this.terms.add(event.getContext());
		}

		@EventListener(OnRevokedEvent.class)
		void revoked(OnRevokedEvent event) {
			assertThat(event.getContext().isLeader()).isFalse();
			this.events.add("revoked " + event.getRole());
		}

		@ServiceActivator(inputChannel = "bills", autoStartup = "false")
		@Role("billing")
		void bill(String bill) {
			this.events.add(bill);
		}

	}

	@Configuration
	static class Initiator {

		@Bean
		LockRegistryLeaderInitiator leaderInitiator() {
			return new LockRegistryLeaderInitiator(new DefaultLockRegistry(), new DefaultCandidate("blue", "billing"));
		}

	}

}
