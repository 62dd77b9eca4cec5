package io.election.testing.integration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import io.election.ElectionEvent;
import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.actuate.ElectionHealthIndicator;
import org.awaitility.Awaitility;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;

/**
 * An application in the JVM of the test, which keeps its events and reacts to them as a
 * test wants.
 */
final class TestApplication implements AutoCloseable {

	private final List<Happening> happenings = new CopyOnWriteArrayList<>();

	private final BiConsumer<ConfigurableApplicationContext, ElectionEvent> reaction;

	private final ConfigurableApplicationContext context;

	private TestApplication(List<String> properties,
			BiConsumer<ConfigurableApplicationContext, ElectionEvent> reaction) {
		this.reaction = reaction;
		List<String> arguments = new ArrayList<>(List.of("--spring.main.banner-mode=off"));
		properties.forEach((property) -> arguments.add("--" + property));
		this.context = new SpringApplicationBuilder(Configuration.class).web(WebApplicationType.NONE)
			.initializers((starting) -> starting.getBeanFactory().registerSingleton("listener", new Listener(starting)))
			.run(arguments.toArray(String[]::new));
	}

	static TestApplication start(List<String> properties) {
		return start(properties, (context, event) -> {
		});
	}

	/** Starts an application that reacts to each event on the listener's thread. */
	static TestApplication start(List<String> properties,
			BiConsumer<ConfigurableApplicationContext, ElectionEvent> reaction) {
		return new TestApplication(properties, reaction);
	}

	ConfigurableApplicationContext context() {
		return this.context;
	}

	LeaderElections elections() {
		return this.context.getBean(LeaderElections.class);
	}

	LeaderElection election(String name) {
		return elections().get(name);
	}

	ElectionReport report(String election) {
		return this.context.getBean(ElectionReports.class).report(election);
	}

	/** What is wrong with an election, empty if nothing is. */
	String error(String election) {
		return Objects.requireNonNullElse(report(election).lastError(), "");
	}

	Health health() {
		return this.context.getBean(ElectionHealthIndicator.class).health();
	}

	/** Terms that began or ended, as listeners were told. */
	List<Happening> terms(String election) {
		return this.happenings.stream()
			.filter((happening) -> happening.isOfATerm() && happening.event().getElection().equals(election))
			.toList();
	}

	/** All events so far. */
	List<ElectionEvent> events() {
		return this.happenings.stream().map(Happening::event).toList();
	}

	void awaitTerms(String election, int count) {
		await(() -> terms(election).size() >= count);
	}

	/** Waits for what must come true sooner or later; how soon is no matter of tests. */
	static void await(Callable<Boolean> condition) {
		Awaitility.await().atMost(Node.LIMIT).pollInterval(Duration.ofMillis(5)).until(condition);
	}

	/** How the terms of an election began and ended, one word each. */
	List<String> story(String election) {
		return terms(election).stream().map(Happening::word).toList();
	}

	@Override
	public void close() {
		this.context.close();
	}

	/** What a test's own threads and listeners do in place of handling interrupts. */
	static void sleep(Duration time) {
		try {
			TimeUnit.NANOSECONDS.sleep(time.toNanos());
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * An event when a listener was called.
	 *
	 * @param event the event
	 * @param leads what {@code isLeader()} was then
	 * @param at the instant
	 */
	record Happening(ElectionEvent event, boolean leads, long at) {

		private boolean isOfATerm() {
			return this.event instanceof LeadershipGrantedEvent || this.event instanceof LeadershipRevokedEvent;
		}

		private String word() {
			return (this.event instanceof LeadershipRevokedEvent revoked) ? revoked.getReason().name() : "GRANTED";
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Configuration {

	}

	class Listener {

		private final ConfigurableApplicationContext listenersContext;

		Listener(ConfigurableApplicationContext context) {
			this.listenersContext = context;
		}

		@EventListener
		void on(ElectionEvent event) {
			boolean leads = ((LeaderElection) event.getSource()).isLeader();
			TestApplication.this.happenings.add(new Happening(event, leads, System.nanoTime()));
			TestApplication.this.reaction.accept(this.listenersContext, event);
		}

	}

}
