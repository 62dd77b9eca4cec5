package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.election.Candidate;
import io.election.core.Self;
import io.election.core.Standing;
import io.election.core.Step;
import io.election.core.Timing;
import io.election.store.Backend;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * All elections of a process from one start to the next stop: a store, and the threads
 * around it. The number of threads does not depend on the number of elections: one for
 * the loop, one for the store, one for its hints, a few for listeners.
 */
final class ElectionSession {

	private static final Log logger = LogFactory.getLog(ElectionSession.class);

	private static final Duration LOOP_PATIENCE = Duration.ofSeconds(1);

	private final String nonce = UUID.randomUUID().toString();

	private final ElectionSettings settings;

	private final ApplicationEventPublisher publisher;

	private final LongSupplier ticks;

	private final Duration registrationPeriod;

	private final LeaseStore store;

	private final StoreHealth health;

	private final EventPool pool;

	private final SerialLoop loop;

	private final CandidateDriver driver;

	private final StoreWorker worker;

	private final CountDownLatch ended = new CountDownLatch(1);

	/** Candidates that are not gone, by election. Confined to the loop. */
	private final Map<String, Candidacy> candidacies = new LinkedHashMap<>();

	/** The elections in whose rosters this process belongs. Confined to the loop. */
	private final Set<String> registered = new LinkedHashSet<>();

	/**
	 * Whether elections were joined since they were last registered. Confined to the
	 * loop.
	 */
	private boolean isRosterBehind;

	/** What to do when all candidates are gone. Confined to the loop. */
	private @Nullable Runnable afterStop;

	ElectionSession(ElectionSettings settings, Backend backend, ApplicationEventPublisher publisher, LongSupplier ticks,
			Clock clock) {
		this.settings = settings;
		this.publisher = publisher;
		this.ticks = ticks;
		this.registrationPeriod = backend.registrationPeriod(settings.timing());
		this.store = backend.open(settings.requestTimeout());
		this.health = new StoreHealth(backend.name(), clock);
		this.pool = new EventPool(ElectionSession::thread);
		this.loop = new SerialLoop(ticks, this::afterTurn);
		this.driver = new CandidateDriver(settings.timing(), clock, this.loop, this::departed);
		this.worker = new StoreWorker(this.store, (replies) -> this.loop.submit(() -> this.driver.replied(replies)),
				this.health::outcome);
	}

	/** Starts to work. */
	void start() {
		thread(this.loop::run, "election").start();
		thread(this.worker::run, "election-store").start();
		thread(this::watch, "election-watch").start();
		this.loop.submit(this::keepRoster);
	}

	StoreHealth health() {
		return this.health;
	}

	/** Has the application take part in an election. */
	void join(DefaultLeaderElection election) {
		this.loop.submit(() -> {
			if (this.afterStop != null) {
				return;
			}
			Candidacy former = election.candidacy();
			long highestTerm = (former != null) ? former.standing().highestTerm() : 0;
			Self self = new Self(election.name(), UUID.randomUUID().toString(), this.settings.candidateId(),
					this.settings.attributes());
			Step first = Standing.join(self, highestTerm, this.settings.timing(), this.loop.now());
			Announcer announcer = new Announcer(election, this.publisher, new SerialQueue(this.pool));
			Candidacy candidacy = new Candidacy(election, this.ticks, announcer, first.next());
			this.candidacies.put(election.name(), candidacy);
			this.registered.add(election.name());
			this.isRosterBehind = true;
			election.takesPart(this, candidacy);
			this.driver.joined(candidacy, first);
		});
	}

	/** Has the application take part no longer. */
	void leave(DefaultLeaderElection election) {
		await(() -> {
			Candidacy candidacy = this.candidacies.get(election.name());
			if (candidacy != null) {
				this.driver.stop(candidacy, this.settings.stopTimeout());
			}
		});
	}

	/** Has an input handled, and returns when it was: callers see its outcome. */
	void handle(Candidacy candidacy, BiConsumer<CandidateDriver, Candidacy> input) {
		await(() -> input.accept(this.driver, candidacy));
	}

	/**
	 * Ends all candidacies, then everything else, then runs the callback. Returns when
	 * nobody leads any more and the events that tell so are queued.
	 */
	void stop(Runnable callback) {
		await(() -> {
			this.afterStop = callback;
			if (this.candidacies.isEmpty()) {
				end();
			}
			List.copyOf(this.candidacies.values())
				.forEach((candidacy) -> this.driver.stop(candidacy, this.settings.stopTimeout()));
		});
	}

	/** Reads the roster of an election, {@code null} if the store does not answer. */
	@Nullable List<Candidate> candidates(String election) {
		CompletableFuture<@Nullable List<Candidate>> read = new CompletableFuture<>();
		this.worker.perform((store) -> read.complete(toCandidates(store.candidates(election))), (answered) -> {
			if (!answered) {
				read.complete(null);
			}
		});
		return get(read, this.settings.timing().retryPeriod());
	}

	private static List<Candidate> toCandidates(List<RosterEntry> entries) {
		return entries.stream()
			.map((entry) -> new Candidate(entry.candidateId(), entry.attributes(), entry.lastSeen()))
			.toList();
	}

	private void departed(Candidacy candidacy) {
		this.candidacies.remove(candidacy.name(), candidacy);
		if (this.afterStop != null) {
			if (this.candidacies.isEmpty()) {
				end();
			}
			return;
		}
		this.registered.remove(candidacy.name());
		this.worker.perform((store) -> store.unregister(registration(Set.of(candidacy.name()))), (answered) -> {
		});
	}

	private void end() {
		if (this.health.outage() != null) {
			close();
			return;
		}
		Registration registration = registration(this.registered);
		this.worker.perform((store) -> store.unregister(registration), (answered) -> this.loop.submit(this::close));
		// Matters only if the store breaks its promise to answer in time
		this.loop.at(this.loop.now() + this.settings.requestTimeout().toNanos(), this::close);
	}

	private void close() {
		if (this.ended.getCount() == 0) {
			return;
		}
		this.ended.countDown();
		this.store.close();
		this.worker.close();
		this.pool.close();
		this.loop.close();
		if (this.afterStop != null) {
			this.afterStop.run();
		}
	}

	private void keepRoster() {
		if (this.afterStop != null) {
			return;
		}
		register((answered) -> {
			Duration pause = answered ? this.registrationPeriod : this.settings.timing().retryPeriod();
			this.loop.submit(() -> this.loop.at(this.loop.now() + pause.toNanos(), this::keepRoster));
		});
	}

	private void register(Consumer<Boolean> outcome) {
		this.isRosterBehind = false;
		Registration registration = registration(this.registered);
		this.worker.perform((store) -> store.register(registration), outcome);
	}

	private Registration registration(Set<String> elections) {
		return new Registration(this.nonce, this.settings.candidateId(), this.settings.attributes(), elections,
				this.registrationPeriod);
	}

	private void afterTurn() {
		if (this.isRosterBehind && this.afterStop == null) {
			register((answered) -> {
			});
		}
		this.worker.send(this.driver.takeOutbox());
		this.pool.relieve(this.loop.now());
		if (this.pool.isBehind()) {
			this.loop.at(this.loop.now() + EventPool.PATIENCE_NANOS, () -> {
			});
		}
	}

	private void watch() {
		boolean told = false;
		while (this.ended.getCount() > 0) {
			try {
				if (!this.store.watch(this::hinted)) {
					return;
				}
				told = false;
			}
			catch (Throwable ex) { // hints are a gain in time only: without them, records
									// are polled
				if (!told && this.ended.getCount() > 0) {
					logger.info("No hints from the backend: " + ex.getMessage());
				}
				told = true;
			}
			pause();
		}
	}

	private void pause() {
		try {
			this.ended.await(this.settings.timing().retryPeriod().toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			// Nobody of ours interrupts; goes on with the next try
		}
	}

	private void hinted(String election) {
		this.loop.submit(() -> {
			if (election.isEmpty()) {
				new ArrayList<>(this.candidacies.values()).forEach(this.driver::hint);
				return;
			}
			Candidacy candidacy = this.candidacies.get(election);
			if (candidacy != null) {
				this.driver.hint(candidacy);
			}
		});
	}

	private void await(Runnable input) {
		CompletableFuture<Boolean> handled = new CompletableFuture<>();
		this.loop.submit(() -> {
			try {
				input.run();
			}
			finally {
				handled.complete(true);
			}
		});
		if (this.ended.getCount() > 0) {
			get(handled, LOOP_PATIENCE);
		}
	}

	private static <T> @Nullable T get(CompletableFuture<T> future, Duration patience) {
		try {
			return future.get(patience.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
		catch (ExecutionException | TimeoutException ex) {
			return null; // reported by the health of the store
		}
	}

	private static Thread thread(Runnable task) {
		return thread(task, "election-events");
	}

	private static Thread thread(Runnable task, String name) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		thread.setContextClassLoader(ElectionSession.class.getClassLoader());
		return thread;
	}

}
