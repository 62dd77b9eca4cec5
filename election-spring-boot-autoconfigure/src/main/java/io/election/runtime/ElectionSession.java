package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

import io.election.Candidate;
import io.election.ElectionObserver;
import io.election.core.Goal;
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

	private static final String WATCH = "election-watch";

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

	/** Candidates that are not gone, by election. Only the loop writes. */
	private final Map<String, Candidacy> candidacies = new ConcurrentSkipListMap<>();

	/**
	 * Elections to join as soon as a former candidate is gone, by name. Confined to the
	 * loop.
	 */
	private final Map<String, DefaultLeaderElection> joining = new LinkedHashMap<>();

	/** Whether the former session has ended. Only the loop writes. */
	private volatile boolean begun;

	/** Confined to the loop. */
	private @Nullable Alarm relief;

	/** Confined to the loop. */
	private boolean stopping;

	private volatile boolean closed;

	private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

	/** The end of all sessions before this one. */
	private CompletableFuture<?> former = CompletableFuture.completedFuture(null);

	/** The threads that work until the session ends. */
	private volatile List<Thread> threads = List.of();

	/** Whether the backend has said that it gives no hints. */
	private volatile boolean withoutHints;

	/** Whether there was no memory to hand a hint to the loop. */
	private volatile boolean hintMissed;

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
		this.worker = new StoreWorker(this.store, ticks, this::replied, this.health::outcome);
		this.rosterHealth = new RosterHealth(() -> this.health.outage() != null, ticks,
				settings.timing().leaseDuration());
		this.roster = new Roster(settings, this.attributes, backend.registrationPeriod(settings.timing()), this.loop,
				this.worker, this.rosterHealth);
	}

	/**
	 * Starts to work. Takes part in elections as soon as a former session has come to its
	 * end: the events of the two must not mix.
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // nothing is thrown that it would tell
	void start(@Nullable ElectionSession former) {
		if (former != null) {
			this.former = CompletableFuture.allOf(former.former, former.ended);
			this.former.thenRun(() -> this.loop.submit(() -> {
			}));
		}
		try {
			if (this.settings.keepAlive()) {
				// The others are daemons: a JVM with no thread but these would end
				Thread keepAlive = thread(this.ended::join, "election-keep-alive");
				keepAlive.setDaemon(false);
				keepAlive.start();
			}
			List<Thread> made = new ArrayList<>();
			made.add(lasting(this.loop::run, "election"));
			made.add(lasting(this.worker::run, "election-store"));
			for (int i = 0; i < this.watchers; i++) {
				made.add(lasting(this::watch, WATCH));
			}
			made.forEach(Thread::start);
			this.threads = made;
		}
		catch (Throwable ex) { // no thread to be had
			close();
			throw ex;
		}
	}

	private void begin() {
		List.copyOf(this.joining.values()).forEach((election) -> {
			enter(election);
			this.joining.remove(election.name());
		});
		this.begun = true;
		if (this.stopping) {
			end();
		}
	}

	/** Has the application take part in an election. */
	void join(DefaultLeaderElection election) {
		this.loop.submit(() -> {
			if (!this.stopping) {
				joinNow(election);
			}
		});
	}

	private void joinNow(DefaultLeaderElection election) {
		Candidacy present = this.candidacies.get(election.name());
		boolean leaving = present != null && present.standing().goal().kind() == Goal.Kind.STOP;
		if (this.begun && !leaving) {
			enter(election);
		}
		else {
			this.joining.put(election.name(), election);
		}
	}

	/** Makes a candidacy, unless this has failed after it was made. */
	private void enter(DefaultLeaderElection election) {
		Candidacy present = this.candidacies.get(election.name());
		takePart(election, (present != null) ? present : newCandidacy(election));
	}

	private Candidacy newCandidacy(DefaultLeaderElection election) {
		Candidacy former = election.candidacy();
		long highestTerm = (former != null) ? former.standing().highestTerm() : 0;
		Self self = new Self(election.name(), UUID.randomUUID().toString(), this.settings.candidateId(),
				this.attributes, this.settings.firstToken());
		Step first = Standing.join(self, highestTerm, this.settings.timing(), this.loop.now());
		Announcer announcer = new Announcer(election, this.publisher, new SerialQueue(this.pool), this.observers,
				this.ticks);
		Candidacy candidacy = new Candidacy(election, this, this.ticks, announcer, first, this.clock.instant());
		this.candidacies.put(election.name(), candidacy);
		return candidacy;
	}

	/** May be called again where it failed. */
	private void takePart(DefaultLeaderElection election, Candidacy candidacy) {
		this.roster.joined(election.name());
		this.observers.joined(election.name());
		election.takesPart(candidacy);
		this.driver.joined(candidacy);
		election.align(this.driver, candidacy);
	}

	/** Has the application take part no longer. */
	void leave(DefaultLeaderElection election) {
		await(() -> {
			this.joining.remove(election.name());
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
	@SuppressWarnings("FutureReturnValueIgnored") // what it would tell is logged
	void stop(Runnable callback) {
		Thread caller = Thread.currentThread();
		await(() -> {
			this.joining.clear();
			if (!this.stopping && this.candidacies.isEmpty() && this.begun) {
				end();
			}
			this.stopping = true;
			List.copyOf(this.candidacies.values())
				.forEach((candidacy) -> this.driver.stop(candidacy,
						candidacy.announcer().isStoppedWithin(caller) ? Duration.ZERO : this.settings.stopTimeout()));
		});
		this.ended.thenRun(callback).whenComplete((nothing, failure) -> {
			if (failure != null) {
				Safely.log(logger, "Callback of a stop failed", failure);
			}
		});
		// A listener that stops elections waits here for events that come after its own
		SerialQueue.runNested(this.pool);
	}

	/** What keeps elections from going on, {@code null} if nothing does. */
	@Nullable Outage problem() {
		if (this.closed) {
			return null;
		}
		for (Thread thread : this.threads) {
			if (!thread.isAlive() && !isWatch(thread)) {
				return new Outage("The thread '" + thread.getName() + "' has ended, restart the application",
						since(Duration.ZERO));
			}
		}
		Duration loopBusy = this.loop.busyFor();
		if (loopBusy.compareTo(LOOP_PATIENCE) > 0) {
			return new Outage("The thread of the elections is stuck", since(loopBusy));
		}
		SerialLoop.Failure failure = this.loop.failure();
		if (failure != null) {
			return new Outage("The thread of the elections fails: " + failure.thrown(),
					since(Duration.ofNanos(this.loop.now() - failure.since())));
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
		List<String> warnings = new ArrayList<>();
		if (this.closed) {
			return warnings;
		}
		String roster = this.rosterHealth.warning();
		if (roster != null) {
			warnings.add(roster);
		}
		if (!this.begun) {
			warnings.add("Waits for a listener of the former start to return before it takes part in elections");
		}
		boolean ended = this.threads.stream().anyMatch((thread) -> isWatch(thread) && !thread.isAlive());
		if (ended || this.withoutHints) {
			warnings.add("The backend gives no notice of changes: candidates find out by polling");
		}
		return warnings;
	}

	private static boolean isWatch(Thread thread) {
		return thread.getName().equals(WATCH);
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

	private void replied(List<StoreWorker.Reply> replies) {
		List<StoreWorker.@Nullable Reply> unhandled = new ArrayList<>(replies);
		this.loop.submit(() -> this.driver.replied(unhandled));
	}

	private void departed(Candidacy candidacy) {
		String name = candidacy.name();
		if (this.candidacies.remove(name, candidacy)) {
			this.observers.left(name);
		}
		if (this.stopping) {
			if (this.candidacies.isEmpty()) {
				end();
			}
			return;
		}
		this.roster.left(name);
		DefaultLeaderElection next = this.joining.get(name);
		if (next != null) {
			joinNow(next);
			this.joining.remove(name);
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

	/** May be called again where it failed. */
	private void close() {
		if (!this.ended.isDone()) {
			this.closed = true;
			Safely.run(logger, "Closing the backend failed", this.store::close);
			this.worker.close();
			this.pool.close();
			this.ended.complete(null);
			this.loop.close();
		}
	}

	private void afterTurn() {
		if (!this.begun && this.former.isDone()) {
			begin();
		}
		if (this.hintMissed) {
			this.hintMissed = false;
			hintedNow(Hint.ANY);
		}
		if (!this.driver.outbox().isEmpty()) {
			this.worker.send(this.driver.outbox());
		}
		if (!this.stopping) {
			this.roster.write();
		}
		if (this.pool.hasRefused()) {
			this.observers.resume();
			this.candidacies.values().forEach((candidacy) -> candidacy.announcer().resume());
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
					this.withoutHints = !this.closed;
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
	 * A failure during an outage is not worth a line, and the first one may be the start
	 * of an outage.
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

	/** Throws nothing, which might end threads of a client library. */
	private void hinted(Hint hint) {
		try {
			this.loop.submit(() -> hintedNow(hint));
		}
		catch (Throwable ex) { // no memory
			this.hintMissed = true;
		}
	}

	private void hintedNow(Hint hint) {
		if (hint.election().isEmpty()) {
			this.candidacies.values().forEach((candidacy) -> this.driver.hint(candidacy, hint));
			return;
		}
		Candidacy candidacy = this.candidacies.get(hint.election());
		if (candidacy != null) {
			this.driver.hint(candidacy, hint);
		}
	}

	/** Whether the loop has handled the input, rather than being stuck. */
	private boolean await(Runnable input) {
		CompletableFuture<@Nullable Void> handled = new CompletableFuture<>();
		this.loop.submit(() -> {
			try {
				input.run();
			}
			catch (RuntimeException ex) {
				handled.complete(null);
				throw ex;
			}
			handled.complete(null); // not before, if it failed and is done again
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

	private Thread lasting(Runnable task, String name) {
		return DaemonThreads.createLasting(task, name, this.classLoader);
	}

}
