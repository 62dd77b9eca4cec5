package io.election.runtime;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import io.election.ElectionEvent;
import io.election.Leader;
import io.election.LeaderChangedEvent;
import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipListener;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import io.election.core.LeaseRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.event.EventListener;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.event.TransactionalEventListenerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the listeners of an application context are called.
 */
@ExtendWith(OutputCaptureExtension.class)
class ContextListenersTests {

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final List<String> told = new CopyOnWriteArrayList<>();

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void aListenerThatThrowsHidesNothingFromOthersOfWhateverKind(CapturedOutput output) {
		this.context.registerBean(Failing.class);
		this.context.registerBean(Annotated.class, () -> new Annotated(this.told));
		this.context.registerBean("bean", ApplicationListener.class, () -> new RevokedBean(this.told));
		this.context.registerBean(TransactionalEventListenerFactory.class);
		this.context.addApplicationListener((ApplicationListener<ElectionEvent>) this::lambda);
		start();
		subscribe();
		awaitLeading();
		await("any changed", "subscribed changed");
		this.told.clear();
		election().resign(Duration.ZERO);
		await("subscribed revoked");
		assertThat(this.told).contains("annotated revoked 1", "bean revoked 1", "transactional revoked 1",
				"any revoked 1", "lambda revoked 1", "subscribed revoked");
		assertThat(output).contains("Failing.revoked").contains("the listener's own problem");
	}

	@Test
	void grantsAndChangesOfTheLeaderReachAllListenersToo() {
		this.context.registerBean(Failing.class);
		this.context.registerBean(Annotated.class, () -> new Annotated(this.told));
		start();
		awaitLeading();
		await("any granted 1", "any changed");
	}

	@Test
	void theLeaseRunsOutIfAListenerOfTheEndThrew() {
		endATermThatAListenerFailsToEnd();
		assertThat(this.backend.calls).doesNotContain("release [a]");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Held.class);
		assertThat(report()).singleElement().asString().contains("Failing.revoked", "token 1");
		awaitLeadingAgain();
		assertThat(election().leadership()).hasValueSatisfying((term) -> assertThat(term.fencingToken()).isEqualTo(2));
	}

	@Test
	void aCloseDoesNotWaitForTheLeaseOfAFailedListener() {
		this.context.registerBean(Failing.class);
		this.context.registerBean("bean", ApplicationListener.class, () -> new RevokedBean(this.told));
		start();
		awaitLeading();
		this.context.close();
		assertThat(this.told).contains("bean revoked 1");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Held.class);
		assertThat(this.backend.closed).hasValue(1);
	}

	@Test
	void theWarningEndsWithTheNextTermWhoseListenersAllReturn() {
		endATermThatAListenerFailsToEnd();
		this.context.getBean(Failing.class).fails = false;
		awaitLeadingAgain();
		await("subscribed granted 2");
		assertThat(report()).isNotEmpty();
		election().resign(Duration.ZERO);
		TestNode.await(() -> this.backend.calls.contains("release [a]"));
		assertThat(report()).isEmpty();
	}

	@Test
	void theirOrderIsThatOfTheContext() {
		for (int order : new int[] { 3, 1, 2 }) {
			this.context.registerBean("listener" + order, Ordering.class, () -> new Ordering(order, this.told));
		}
		this.context.registerBean(AnnotatedOrder.class, () -> new AnnotatedOrder(this.told));
		start();
		awaitLeading();
		await("granted in place 3");
		assertThat(this.told).filteredOn((call) -> call.startsWith("granted in place"))
			.containsExactly("granted in place 0", "granted in place 1", "granted in place 2", "granted in place 3");
	}

	@Test
	void aParentIsToldAfterItsChildAndInIsolationToo() {
		GenericApplicationContext parent = new GenericApplicationContext();
		parent.registerBean("first", ApplicationListener.class, () -> new RevokedBean(this.told) {

			@Override
			public void onApplicationEvent(LeadershipRevokedEvent event) {
				throw new IllegalStateException("in the parent");
			}

		});
		parent.registerBean("second", ApplicationListener.class, () -> new RevokedBean(this.told));
		parent.refresh();
		this.context.setParent(parent);
		this.context.registerBean(Failing.class);
		this.context.registerBean(Annotated.class, () -> new Annotated(this.told));
		start();
		awaitLeading();
		election().resign(Duration.ZERO);
		await("bean revoked 1");
		assertThat(this.told).containsSubsequence("annotated revoked 1", "bean revoked 1");
		parent.close();
	}

	@Test
	void anAsynchronousMulticasterCostsNeitherTheOrderNorTheWait() {
		List<Runnable> handedOver = new ArrayList<>();
		this.context.registerBean(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
				ApplicationEventMulticaster.class, () -> multicaster(handedOver::add));
		this.context.registerBean("bean", ApplicationListener.class, () -> new RevokedBean(this.told) {

			@Override
			public void onApplicationEvent(LeadershipRevokedEvent event) {
				ContextListenersTests.this.told
					.add("record " + ContextListenersTests.this.backend.record("a").getClass().getSimpleName());
				super.onApplicationEvent(event);
			}

		});
		start();
		awaitLeading();
		this.context.close();
		assertThat(this.told).containsExactly("record Held", "bean revoked 1");
		assertThat(this.backend.record("a")).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void aMulticasterOfTheApplicationsOwnMakingIsAskedToPublish() {
		List<ApplicationEvent> multicast = new CopyOnWriteArrayList<>();
		ApplicationEventMulticaster own = (ApplicationEventMulticaster) Proxy.newProxyInstance(
				getClass().getClassLoader(), new Class<?>[] { ApplicationEventMulticaster.class },
				(proxy, method, arguments) -> {
					if (method.getName().equals("multicastEvent")) {
						multicast.add((ApplicationEvent) arguments[0]);
					}
					return null;
				});
		this.context.registerBean(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
				ApplicationEventMulticaster.class, () -> own);
		start();
		TestNode.await(() -> multicast.stream().anyMatch(LeadershipGrantedEvent.class::isInstance));
	}

	@Test
	void aListenerThatIsAsynchronousByItselfIsHandedTheEvent() {
		this.context.register(Asynchronous.class);
		this.context.registerBean(AsyncListener.class, () -> new AsyncListener(this.told));
		start();
		awaitLeading();
		await("async granted 1 on async");
	}

	@Test
	void aListenerBehindOneThatClosesTheContextIsNotToldOfAGrantThatIsOver() {
		this.context.registerBean(Closing.class, () -> new Closing(this.context));
		this.context.registerBean(AnnotatedOrder.class, () -> new AnnotatedOrder(this.told));
		start();
		TestNode.await(() -> !this.context.isActive());
		TestNode.await(() -> this.backend.closed.get() == 1);
		assertThat(this.told).doesNotContain("granted in place 0");
	}

	private void lambda(ElectionEvent event) {
		if (event instanceof LeadershipRevokedEvent) {
			this.told.add("lambda revoked " + event.getFencingToken());
		}
	}

	private static ApplicationEventMulticaster multicaster(Executor executor) {
		SimpleApplicationEventMulticaster multicaster = new SimpleApplicationEventMulticaster();
		multicaster.setTaskExecutor(executor);
		return multicaster;
	}

	private void start() {
		this.context.registerBean(TestTime.class, () -> this.time);
		this.context.registerBean(TestBackend.class, () -> this.backend);
		this.context.register(ApplicationContextTests.Elections.class);
		this.context.refresh();
	}

	private void subscribe() {
		election().subscribe(new LeadershipListener() {

			@Override
			public void onGranted(Leadership leadership) {
				ContextListenersTests.this.told.add("subscribed granted " + leadership.fencingToken());
			}

			@Override
			public void onRevoked(Leadership leadership, RevocationReason reason) {
				ContextListenersTests.this.told.add("subscribed revoked");
			}

			@Override
			public void onLeaderChanged(@Nullable Leader previous, @Nullable Leader current) {
				ContextListenersTests.this.told.add("subscribed changed");
			}

		});
	}

	private void endATermThatAListenerFailsToEnd() {
		this.context.registerBean(Failing.class);
		start();
		subscribe();
		awaitLeading();
		election().resign(Duration.ZERO);
		await("subscribed revoked");
	}

	private void awaitLeading() {
		TestNode.await(() -> election().isLeader() && !elections().isListening());
	}

	private void awaitLeadingAgain() {
		TestNode.await(() -> {
			this.time.advance(Duration.ofMillis(100));
			elections().catchUp();
			return election().isLeader();
		});
	}

	private void await(String... calls) {
		TestNode.await(() -> this.told.containsAll(List.of(calls)));
		TestNode.await(() -> !elections().isListening());
		elections().catchUp();
	}

	private LeaderElection election() {
		return elections().get("a");
	}

	private DefaultLeaderElections elections() {
		return this.context.getBean(DefaultLeaderElections.class);
	}

	private List<String> report() {
		return elections().report("a").warnings();
	}

	static class Failing {

		private volatile boolean fails = true;

		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void granted(LeadershipGrantedEvent event) {
			fail();
		}

		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void revoked(LeadershipRevokedEvent event) {
			fail();
		}

		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void changed(LeaderChangedEvent event) {
			throw new NoClassDefFoundError("com/acme/Missing");
		}

		private void fail() {
			if (this.fails) {
				throw new IllegalStateException("the listener's own problem");
			}
		}

	}

	static class Annotated {

		private final List<String> told;

		Annotated(List<String> told) {
			this.told = told;
		}

		@EventListener(condition = "event.election == 'a'")
		void revoked(LeadershipRevokedEvent event) {
			this.told.add("annotated revoked " + event.getFencingToken());
		}

		@EventListener(condition = "event.election == 'b'")
		void ofAnother(LeadershipRevokedEvent event) {
			this.told.add("another");
		}

		@TransactionalEventListener(fallbackExecution = true)
		void transactional(LeadershipRevokedEvent event) {
			this.told.add("transactional revoked " + event.getFencingToken());
		}

		@EventListener
		void any(ElectionEvent event) {
			String kind = (event instanceof LeadershipGrantedEvent) ? "granted " + event.getFencingToken()
					: (event instanceof LeadershipRevokedEvent) ? "revoked " + event.getFencingToken() : "changed";
			this.told.add("any " + kind);
		}

	}

	static class RevokedBean implements ApplicationListener<LeadershipRevokedEvent> {

		private final List<String> told;

		RevokedBean(List<String> told) {
			this.told = told;
		}

		@Override
		public void onApplicationEvent(LeadershipRevokedEvent event) {
			this.told.add("bean revoked " + event.getFencingToken());
		}

	}

	static class Ordering implements ApplicationListener<ApplicationEvent>, Ordered {

		private final int order;

		private final Consumer<String> told;

		Ordering(int order, List<String> told) {
			this.order = order;
			this.told = told::add;
		}

		@Override
		public void onApplicationEvent(ApplicationEvent event) {
			if (event instanceof LeadershipGrantedEvent) {
				this.told.accept("granted in place " + this.order);
			}
		}

		@Override
		public int getOrder() {
			return this.order;
		}

	}

	static class AnnotatedOrder {

		private final List<String> told;

		AnnotatedOrder(List<String> told) {
			this.told = told;
		}

		@EventListener
		@Order(0)
		void granted(LeadershipGrantedEvent event) {
			this.told.add("granted in place 0");
		}

	}

	static class Closing {

		private final AnnotationConfigApplicationContext context;

		Closing(AnnotationConfigApplicationContext context) {
			this.context = context;
		}

		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void granted(LeadershipGrantedEvent event) {
			this.context.close();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class Asynchronous {

		@Bean
		Executor taskExecutor() {
			return (task) -> new Thread(task, "async").start();
		}

	}

	static class AsyncListener {

		private final List<String> told;

		AsyncListener(List<String> told) {
			this.told = told;
		}

		@Async
		@EventListener
		public void granted(LeadershipGrantedEvent event) {
			this.told.add("async granted " + event.getFencingToken() + " on " + Thread.currentThread().getName());
		}

	}

}
