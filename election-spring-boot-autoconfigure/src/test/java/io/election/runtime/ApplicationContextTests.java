package io.election.runtime;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.core.LeaseRecord;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Elections in a real application context.
 */
class ApplicationContextTests {

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	@Test
	void theyStartAndStopWithTheContext() {
		Listeners listeners = new Listeners();
		ConfigurableApplicationContext context = context(listeners);
		TestNode.await(() -> listeners.events.contains("granted 1"));
		context.close();
		assertThat(listeners.events).containsExactly("granted 1", "revoked 1 STOPPED", "revoked 1 again");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void theyStopAndStartWithTheLifecycleOfTheContext() {
		Listeners listeners = new Listeners();
		ConfigurableApplicationContext context = context(listeners);
		TestNode.await(() -> listeners.events.contains("granted 1"));
		context.stop();
		assertThat(listeners.events).contains("revoked 1 STOPPED");
		assertThat(context.getBean(DefaultLeaderElections.class).isRunning()).isFalse();
		context.start();
		TestNode.await(() -> listeners.events.contains("granted 2"));
		context.close();
		assertThat(listeners.events).contains("revoked 2 STOPPED");
	}

	@Test
	void aListenerOfTheGrantMayCloseTheContext() {
		Listeners listeners = new Listeners();
		CountDownLatch closed = new CountDownLatch(1);
		listeners.onGranted = () -> {
			listeners.context.close();
			listeners.events.add("closed");
			closed.countDown();
		};
		context(listeners);
		TestNode.await(closed);
		assertThat(listeners.events).containsExactly("granted 1", "revoked 1 STOPPED", "revoked 1 again", "closed");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
		assertThat(listeners.context.isActive()).isFalse();
	}

	@Test
	void aListenerOfTheEndMayCloseTheContext() {
		Listeners listeners = new Listeners();
		CountDownLatch closed = new CountDownLatch(1);
		listeners.onRevoked = () -> {
			listeners.context.close();
			listeners.events.add("closed");
			closed.countDown();
		};
		ConfigurableApplicationContext context = context(listeners);
		TestNode.await(() -> listeners.events.contains("granted 1"));
		context.getBean(LeaderElection.class).resign();
		TestNode.await(closed);
		// Listeners behind it are out of luck: Spring does not find them in a closed
		// context
		assertThat(listeners.events).containsExactly("granted 1", "revoked 1 RESIGNED", "closed");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Held.class);
		assertThat(context.isActive()).isFalse();
	}

	private ConfigurableApplicationContext context(Listeners listeners) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		listeners.context = context;
		context.registerBean(TestTime.class, () -> this.time);
		context.registerBean(TestBackend.class, () -> this.backend);
		context.registerBean(Listeners.class, () -> listeners);
		context.register(Elections.class);
		context.refresh();
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	static class Elections {

		@Bean
		DefaultLeaderElections leaderElections(TestBackend backend, TestTime time,
				ApplicationEventPublisher publisher) {
			return new DefaultLeaderElections(TestNode.settings("node", TestNode.STOP_TIMEOUT, "a"), backend, publisher,
					List::of, time, time);
		}

		@Bean
		LeaderElection election(DefaultLeaderElections elections) {
			return elections.get("a");
		}

	}

	static class Listeners {

		private final List<String> events = new CopyOnWriteArrayList<>();

		private ConfigurableApplicationContext context;

		private Runnable onGranted = () -> {
		};

		private Runnable onRevoked = () -> {
		};

		@EventListener(condition = "event.election == 'a'")
		void granted(LeadershipGrantedEvent event) {
			this.events.add("granted " + event.getFencingToken());
			this.onGranted.run();
		}

		@EventListener
		@Order(1)
		void revoked(LeadershipRevokedEvent event) {
			this.events.add("revoked " + event.getFencingToken() + " " + event.getReason());
			this.onRevoked.run();
		}

		@EventListener
		@Order(2)
		void revokedAgain(LeadershipRevokedEvent event) {
			this.events.add("revoked " + event.getFencingToken() + " again");
		}

	}

}
