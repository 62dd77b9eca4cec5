package io.election.runtime;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import io.election.ElectionEvent;
import io.election.ElectionObserver;
import io.election.Leader;
import io.election.LeaderChangedEvent;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.core.Timing;
import io.election.store.Backend;
import org.awaitility.Awaitility;

import org.springframework.context.ApplicationEventPublisher;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that takes part in elections, in virtual time. Writes down the events,
 * and checks of each what must be true at that moment.
 */
final class TestNode implements ApplicationEventPublisher, AutoCloseable {

	static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));

	static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

	private final String id;

	private final TestTime time;

	/** Such as {@code granted a 1}. */
	final Collection<String> events = new ConcurrentLinkedQueue<>();

	/** The latest beginning or end of a term, by election. */
	private final Map<String, String> latest = new ConcurrentHashMap<>();

	/** Whether nobody but the test's own thread, between events, ends terms. */
	volatile boolean orderly = true;

	/** What was not as it should be. */
	final List<String> wrongs = new CopyOnWriteArrayList<>();

	/** Called within the publication of every event. */
	volatile Consumer<ElectionEvent> listener = (event) -> {
	};

	final DefaultLeaderElections elections;

	TestNode(String id, TestTime time, Backend backend, String... names) {
		this(id, time, backend, STOP_TIMEOUT, names);
	}

	TestNode(String id, TestTime time, Backend backend, Duration stopTimeout, String... names) {
		this(id, time, backend, List.of(), stopTimeout, names);
	}

	TestNode(String id, TestTime time, Backend backend, List<ElectionObserver> observers, Duration stopTimeout,
			String... names) {
		this.id = id;
		this.time = time;
		this.elections = new DefaultLeaderElections(settings(id, stopTimeout, names), backend, this, () -> observers,
				time, time);
	}

	static ElectionSettings settings(String id, Duration stopTimeout, String... names) {
		// A Set.of has an order of its own
		Set<String> inOrder = new LinkedHashSet<>(List.of(names));
		return new ElectionSettings(true, TIMING, id, () -> Map.of("node", id), inOrder, stopTimeout, 0, true, false,
				true, 1);
	}

	TestNode start() {
		this.elections.start();
		return this;
	}

	LeaderElection election(String name) {
		return this.elections.get(name);
	}

	/** Lets time pass, and everything happen that is due then. */
	void pass(Duration duration) {
		settle(); // or a request under way would count as not answered in time
		this.time.advance(duration);
		settle();
	}

	TestNode awaitLeading(String name) {
		await(() -> election(name).isLeader() && this.events.contains("granted " + name + " " + token(name)));
		return this;
	}

	long token(String name) {
		return election(name).leadership().map((leadership) -> leadership.fencingToken()).orElse(-1L);
	}

	void awaitEvent(String event) {
		await(() -> this.events.contains(event));
	}

	/** Waits for something that happens without time passing. */
	static void await(BooleanSupplier condition) {
		Awaitility.await()
			.pollInterval(Duration.ofMillis(1))
			.atMost(Duration.ofSeconds(20))
			.until(condition::getAsBoolean);
	}

	/** Waits for something for which time needs to pass, up to a lease and a retry. */
	void passUntil(BooleanSupplier condition) {
		Duration step = Duration.ofMillis(20);
		Duration limit = TIMING.leaseDuration().plus(TIMING.retryPeriod());
		for (Duration passed = Duration.ZERO; passed.compareTo(limit) <= 0; passed = passed.plus(step)) {
			pass(step);
			if (condition.getAsBoolean()) {
				return;
			}
		}
		throw new AssertionError("still not so after " + limit);
	}

	/** Waits until neither the loop nor the store has anything to do. */
	void settle() {
		await(this.elections::catchUp);
	}

	/** Stops and returns when the callback was called. */
	void stop() {
		CountDownLatch stopped = new CountDownLatch(1);
		this.elections.stop(stopped::countDown);
		await(stopped);
	}

	static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.orderly = false; // a term may just have begun
		CountDownLatch stopped = new CountDownLatch(1);
		this.elections.stop(stopped::countDown);
		await(() -> {
			this.time.advance(Duration.ofSeconds(1));
			if (this.elections.session() != null) {
				this.elections.session().nudge();
			}
			return stopped.getCount() == 0;
		});
		assertThat(this.wrongs).as("what was wrong at events of %s", this.id).isEmpty();
	}

	@Override
	public void publishEvent(Object object) {
		ElectionEvent event = (ElectionEvent) object;
		String name = event.getElection();
		// Not one that is set because of this event
		Consumer<ElectionEvent> listener = this.listener;
		boolean leads = ((LeaderElection) event.getSource()).isLeader();
		if (event instanceof LeadershipGrantedEvent granted) {
			check(leads || !this.orderly, "granted though it does not lead");
			check(!this.latest.getOrDefault(name, "revoked").startsWith("granted"), "granted twice");
			tell(name, "granted " + name + " " + granted.getFencingToken());
		}
		else if (event instanceof LeadershipRevokedEvent revoked) {
			check(!leads, "revoked though it leads");
			check(("granted " + name + " " + revoked.getFencingToken()).equals(this.latest.get(name)),
					"revoked without its grant");
			tell(name, "revoked " + name + " " + revoked.getFencingToken() + " " + revoked.getReason());
		}
		else if (event instanceof LeaderChangedEvent changed) {
			this.events.add("changed " + name + " " + show(changed.getPrevious().orElse(null)) + " -> "
					+ show(changed.getCurrent().orElse(null)));
		}
		listener.accept(event);
	}

	private void tell(String name, String event) {
		this.latest.put(name, event);
		this.events.add(event);
	}

	private void check(boolean right, String wrong) {
		if (!right) {
			this.wrongs.add(wrong + ", after " + this.events);
		}
	}

	private static String show(Leader leader) {
		return (leader != null) ? leader.candidateId() + "/" + leader.fencingToken() : "nobody";
	}

}
