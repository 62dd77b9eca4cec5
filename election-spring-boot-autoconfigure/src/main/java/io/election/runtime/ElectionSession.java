package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

import io.election.Candidate;
import io.election.ElectionObserver;
import io.election.core.Self;
import io.election.core.Standing;
import io.election.core.Step;
import io.election.runtime.SerialLoop.Alarm;
import io.election.runtime.StoreHealth.Outage;
import io.election.store.Backend;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * All elections of a process from one start to the next stop: a store, and the threads
 * around it. The number of threads does not depend on the number of elections: one for
 * the loop, one for the store, as many as the backend asks for (usually one) for its
 * hints, a few for listeners.
 */
final class ElectionSession {

	private static final Log logger = LogFactory.getLog(ElectionSession.class);

	/** Callers wait so long for the loop, and it is stuck if a turn takes longer. */
	private static final Duration LOOP_PATIENCE = Duration.ofSeconds(1);

	private final ElectionSettings settings;

	private final Map<String, String> attributes;

	private final ApplicationEventPublisher publisher;

	private final Observers observers;

	private final LongSupplier ticks;

	private final Clock clock;

	/** The application's, which listeners need where they load classes. */
	private final ClassLoader classLoader = Thread.currentThread().getContextClassLoader();

	private final LeaseStore store;

	private final int watchers;

	private final StoreHealth health;

	private final EventPool pool;

	private final SerialLoop loop;

	private final CandidateDriver driver;

	private final StoreWorker worker;

	private final RosterHealth rosterHealth;

	private final Roster roster;

	/** Candidates that are not gone, by election. Confined to the loop. */
	private final Map<String, Candidacy> candidacies = new LinkedHashMap<>();

	/** Elections to join again as soon as the former candidate is gone; likewise. */
	private final Set<String> rejoining = new HashSet<>();

	/** Confined to the loop. */
	private @Nullable Alarm relief;

	/** Confined to the loop. */
	private boolean stopping;

	private volatile boolean closed;

	private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

	ElectionSession(ElectionSettings settings, Backend backend, ApplicationEventPublisher publisher,
			List<ElectionObserver> observers, LongSupplier ticks, Clock clock) {
		this.settings = settings;
		this.attributes = Map.copyOf(settings.attributes().get());
		this.publisher = publisher;
		this.ticks = ticks;
		this.clock = clock;
		this.store = backend.open(settings.requestTimeout());
		this.watchers = backend.watchers();
		this.health = new StoreHealth(backend.name(), settings, ticks, clock);
		this.pool = new EventPool(ticks, (task) -> thread(task, "election-events"));
		this.observers = new Observers(observers, this.pool);
		this.loop = new SerialLoop(ticks, this::afterTurn);
		this.driver = new CandidateDriver(settings.timing(), clock, this.loop, this::departed, this.observers,
				backend.adviceOnLocks());
		this.worker = new StoreWorker(this.store, ticks,
				(replies) -> this.loop.submit(() -> this.driver.replied(replies)), this.health::outcome);
		this.rosterHealth = new RosterHealth(() -> this.health.outage() != null, ticks,
				settings.timing().leaseDuration());
		this.roster = new Roster(settings, this.attributes, backend.registrationPeriod(settings.timing()), this.loop,
				this.worker, this.rosterHealth);
	}

	/**
	 * Starts to work, as soon as a former session has come to its end: the events of the
	 * two must not mix.
	 */
	void start(@Nullable ElectionSession former) {
		if (former != null) {
			this.loop.submit(former.ended::join);
		}
		try {
			if (this.settings.keepAlive()) {
				// The others are daemons: a JVM with no thread but these would end
				Thread keepAlive = thread(this.ended::join, "election-keep-alive");
				keepAlive.setDaemon(false);
				keepAlive.start();
			}
			thread(this.loop::run, "election").start();
			thread(this.worker::run, "election-store").start();
			for (int i = 0; i < this.watchers; i++) {
				thread(this::watch, "election-watch").start();
			}
		}
		catch (Throwable ex) { // no thread to be had
			close();
			throw ex;
		}
	}

	/** Has the application take part in an election. */
	void join(DefaultLeaderElection election) {
		this.loop.submit(() -> {
			if (this.candidacies.containsKey(election.name())) {
				this.rejoining.add(election.name());
			}
			else if (!this.stopping) {
				enter(election);
			}
		});
	}

	private void enter(DefaultLeaderElection election) {
		Candidacy former = election.candidacy();
		long highestTerm = (former != null) ? former.standing().highestTerm() : 0;
		Self self = new Self(election.name(), UUID.randomUUID().toString(), this.settings.candidateId(),
				this.attributes);
		Step first = Standing.join(self, highestTerm, this.settings.timing(), this.loop.now());
		Announcer announcer = new Announcer(election, this.publisher, new SerialQueue(this.pool), this.observers,
				this.ticks);
		Candidacy candidacy = new Candidacy(election, this, this.ticks, announcer, first.next());
		this.candidacies.put(election.name(), candidacy);
		this.roster.joined(election.name());
		this.observers.joined(election.name());
		election.takesPart(candidacy);
		this.driver.joined(candidacy, first);
		election.align(this.driver, candidacy);
	}

	/** Has the application take part no longer. */
	void leave(DefaultLeaderElection election) {
		await(() -> {
			this.rejoining.remove(election.name());
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

	/** Has all candidates compete that may, and none that must not; now. */
	void align() {
		await(this::alignAll);
	}

	/** The same, at an instant. */
	void alignAt(long instant) {
		this.loop.submit(() -> this.loop.at(instant, this::alignAll));
	}

	private void alignAll() {
		List.copyOf(this.candidacies.values())
			.forEach((candidacy) -> candidacy.election().align(this.driver, candidacy));
	}

	/**
	 * Ends all candidacies, then everything else, then runs the callback. Returns when
	 * nobody leads any more and the events that tell so are queued. May be called again.
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // nothing is thrown that it would tell
	void stop(Runnable callback) {
		Thread caller = Thread.currentThread();
		await(() -> {
			this.rejoining.clear();
			if (!this.stopping && this.candidacies.isEmpty()) {
				end();
			}
			this.stopping = true;
			List.copyOf(this.candidacies.values())
				.forEach((candidacy) -> this.driver.stop(candidacy,
						candidacy.announcer().isStoppedWithin(caller) ? Duration.ZERO : this.settings.stopTimeout()));
		});
		this.ended.thenRun(() -> Safely.run(logger, "Callback of a stop failed", callback));
		// A listener that stops elections waits here for events that come after its own
		SerialQueue.runNested(this.pool);
	}

	/** What keeps elections from going on, {@code null} if nothing does. */
	@Nullable Outage problem() {
		if (this.closed) {
			return null;
		}
		Duration loopBusy = this.loop.busyFor();
		if (loopBusy.compareTo(LOOP_PATIENCE) > 0) {
			return new Outage("The thread of the elections is stuck", since(loopBusy));
		}
		Duration storeBusy = this.worker.busyFor();
		if (storeBusy.compareTo(this.settings.timing().retryPeriod()) > 0) {
			return new Outage("A request to the backend does not return", since(storeBusy));
		}
		return this.health.outage();
	}

	/**
	 * Waits for the first answer of the backend.
	 * @return {@code null} if there was one within the limit, else why there was none
	 */
	@Nullable String awaitContact(Duration limit) {
		return this.health.awaitContact(limit);
	}

	/** What needs attention although elections go on; whole sentences. */
	List<String> warnings() {
		String roster = this.rosterHealth.warning();
		return (this.closed || roster == null) ? List.of() : List.of(roster);
	}

	private Instant since(Duration ago) {
		return this.clock.instant().minus(ago);
	}

	/** Reads the roster of an election, {@code null} if the store does not answer. */
	@Nullable List<Candidate> candidates(String election) {
		return this.closed ? null : this.roster.candidates(election);
	}

	/** Has the loop do what is due; for tests, in which nobody else moves the clock. */
	boolean nudge() {
		boolean handled = true;
		for (int turn = 0; turn < 2; turn++) { // alarms come after the inputs of a turn
			handled &= await(() -> {
			});
		}
		return handled;
	}

	/** Whether there is something to tell listeners, or they have not returned. */
	boolean isListening() {
		return this.candidacies.values().stream().anyMatch((candidacy) -> candidacy.announcer().isTelling());
	}

	/**
	 * Has the loop do what is due, and tells whether nothing is under way then, listeners
	 * aside; for tests.
	 */
	boolean catchUp() {
		boolean caughtUp = nudge();
		long received = this.worker.received();
		boolean idle = this.worker.isIdle();
		caughtUp &= nudge(); // with the replies of what was done before
		return caughtUp && idle && this.worker.isIdle() && this.worker.received() == received;
	}

	private void departed(Candidacy candidacy) {
		String name = candidacy.name();
		this.candidacies.remove(name);
		this.observers.left(name);
		if (this.stopping) {
			if (this.candidacies.isEmpty()) {
				end();
			}
			return;
		}
		this.roster.left(name);
		if (this.rejoining.remove(name)) {
			enter(candidacy.election());
		}
	}

	private void end() {
		if (!this.health.isAnswering()) {
			close();
			return;
		}
		this.roster.leaveAll(this::close);
		// Matters only if the store breaks its promise to answer in time
		this.loop.at(this.loop.now() + this.settings.requestTimeout().toNanos(), this::close);
	}

	private void close() {
		if (!this.closed) {
			this.closed = true;
			Safely.run(logger, "Closing the backend failed", this.store::close);
			this.worker.close();
			this.pool.close();
			this.loop.close();
			this.ended.complete(null);
		}
	}

	private void afterTurn() {
		List<StoreWorker.Order> orders = this.driver.takeOutbox();
		if (!orders.isEmpty()) {
			this.worker.send(orders);
		}
		if (!this.stopping) {
			this.roster.write();
		}
		if (this.relief == null && this.pool.isBehind()) {
			this.relief = this.loop.at(this.loop.now() + EventPool.PATIENCE_NANOS, () -> {
				this.relief = null;
				this.pool.relieve();
			});
		}
	}

	private void watch() {
		int failures = 0;
		boolean told = false;
		while (!this.closed) {
			try {
				if (!this.store.watch(this::hinted)) {
					return;
				}
				failures = 0;
				told = false;
			}
			catch (Throwable ex) { // hints are a gain in time only: without them, records
									// are polled
				failures++;
				told |= this.closed || logFailedWatch(ex, failures > 1 && !told);
			}
			pause();
		}
	}

	/**
	 * In an outage it is no news, and the first failure may be the begin of one.
	 * @return whether it was news
	 */
	private boolean logFailedWatch(Throwable failure, boolean news) {
		String message = "The backend does not notify of changes, records are polled: " + StoreHealth.message(failure);
		if (news && this.health.outage() == null) {
			logger.info(message);
			return true;
		}
		logger.debug(message);
		return false;
	}

	private void pause() {
		try {
			this.ended.get(this.settings.timing().retryPeriod().toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			// Goes on with the next try
		}
	}

	private void hinted(Hint hint) {
		this.loop.submit(() -> {
			if (hint.election().isEmpty()) {
				List.copyOf(this.candidacies.values()).forEach((candidacy) -> this.driver.hint(candidacy, hint));
				return;
			}
			Candidacy candidacy = this.candidacies.get(hint.election());
			if (candidacy != null) {
				this.driver.hint(candidacy, hint);
			}
		});
	}

	/** Whether the loop has handled the input, rather than being stuck. */
	private boolean await(Runnable input) {
		CompletableFuture<@Nullable Void> handled = new CompletableFuture<>();
		this.loop.submit(() -> {
			try {
				input.run();
			}
			finally {
				handled.complete(null);
			}
		});
		await(CompletableFuture.anyOf(handled, this.ended), LOOP_PATIENCE);
		return handled.isDone() || this.ended.isDone();
	}

	/** Waits without regard to interrupts, which callers find where they left them. */
	private static void await(Future<?> future, Duration patience) {
		long giveUpAt = System.nanoTime() + patience.toNanos();
		boolean interrupted = false;
		while (!future.isDone() && System.nanoTime() < giveUpAt) {
			try {
				future.get(giveUpAt - System.nanoTime(), TimeUnit.NANOSECONDS);
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
			catch (ExecutionException | TimeoutException ex) {
				break; // the loop is stuck, which shows in reports
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private Thread thread(Runnable task, String name) {
		return DaemonThreads.create(task, name, this.classLoader);
	}

}
