package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.election.ElectionObserver;
import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.LeaderElection;
import io.election.LeaderElections;
import io.election.Leadership;
import io.election.core.Timing;
import io.election.runtime.Candidacy.Renewal;
import io.election.runtime.StoreHealth.Outage;
import io.election.store.Attributes;
import io.election.store.Backend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * The elections of an application, started and stopped with its context. Starts after the
 * web server and stops before it drains, in a phase of its own. May be started again
 * after a stop; each start makes new candidates.
 */
public final class DefaultLeaderElections implements LeaderElections, ElectionReports, SmartLifecycle, DisposableBean {

	private final ElectionSettings settings;

	private final Backend backend;

	private final ApplicationEventPublisher publisher;

	private final Supplier<List<ElectionObserver>> observers;

	private final LongSupplier ticks;

	private final Clock clock;

	/** In which the application takes part. */
	private final Map<String, DefaultLeaderElection> elections = new ConcurrentHashMap<>();

	/**
	 * In which it ever did, so that who joins again has the same election with all its
	 * subscriptions and the highest token seen.
	 */
	private final Map<String, DefaultLeaderElection> known = new HashMap<>();

	private volatile Fitness fitness;

	private volatile boolean running;

	/** The latest, which may still be stopping. */
	private volatile @Nullable ElectionSession session;

	/**
	 * Creates elections that have not started. The backend is not contacted.
	 * @param settings what the application wants
	 * @param backend where leases are kept
	 * @param publisher takes the events
	 * @param observers told what happens; asked for at each start
	 * @param time where the time comes from
	 * @throws IllegalArgumentException if the backend cannot have an election of one of
	 * the names
	 */
	public DefaultLeaderElections(ElectionSettings settings, Backend backend, ApplicationEventPublisher publisher,
			Supplier<List<ElectionObserver>> observers, ElectionTime time) {
		this(settings, backend, publisher, observers, time.ticks(), time.clock());
	}

	DefaultLeaderElections(ElectionSettings settings, Backend backend, ApplicationEventPublisher publisher,
			Supplier<List<ElectionObserver>> observers, LongSupplier ticks, Clock clock) {
		this.settings = settings;
		this.backend = backend;
		this.publisher = publisher;
		this.observers = observers;
		this.ticks = ticks;
		this.clock = clock;
		this.fitness = new Fitness(ticks.getAsLong(), Timing.NEVER);
		for (String name : settings.elections()) {
			backend.checkName(name);
			this.elections.put(name, new DefaultLeaderElection(name, settings, this::isFit));
		}
		this.known.putAll(this.elections);
	}

	@Override
	public Set<String> names() {
		return new TreeSet<>(this.elections.keySet());
	}

	@Override
	public LeaderElection get(String name) {
		return find(name);
	}

	@Override
	public synchronized LeaderElection join(String name) {
		DefaultLeaderElection present = this.elections.get(name);
		if (present != null) {
			return present;
		}
		this.backend.checkName(name);
		DefaultLeaderElection election = this.known.computeIfAbsent(name,
				(unknown) -> new DefaultLeaderElection(unknown, this.settings, this::isFit));
		this.elections.put(name, election);
		ElectionSession current = this.session;
		if (this.running && current != null) {
			current.join(election);
		}
		return election;
	}

	@Override
	public synchronized void leave(String name) {
		DefaultLeaderElection election = this.elections.remove(name);
		ElectionSession current = this.session;
		if (election != null && current != null) {
			current.leave(election);
		}
	}

	/**
	 * Has no candidate of the application compete from now on, whatever election it is
	 * in. Those that lead step down with the reason {@code UNHEALTHY}; when this method
	 * returns, none of them leads, unless the thread of the elections is stuck.
	 */
	public synchronized void unfit() {
		this.fitness = Fitness.NONE;
		if (this.session != null) {
			this.session.align();
		}
	}

	/**
	 * Has candidates compete again, except those that are paused, if the application was
	 * {@linkplain #unfit() unfit}.
	 * @param delay how long the application has to stay fit before
	 */
	public synchronized void fit(Duration delay) {
		fit(delay, Timing.NEVER);
	}

	/**
	 * Has candidates compete again as {@link #fit(Duration)} does, and makes the
	 * application unfit by itself if nobody calls this again for a while.
	 * @param delay how long the application has to stay fit before
	 * @param validity how long it counts as fit
	 */
	public synchronized void fit(Duration delay, Duration validity) {
		fit(delay, this.ticks.getAsLong() + validity.toNanos());
	}

	private void fit(Duration delay, long until) {
		long now = this.ticks.getAsLong();
		Fitness present = this.fitness;
		// A second time must not begin the delay anew
		boolean begins = present.isOver(now);
		this.fitness = new Fitness(begins ? now + delay.toNanos() : present.from(), until);
		if (this.session != null) {
			if (begins) {
				alignAt(this.session, this.fitness.from());
			}
			alignAt(this.session, until);
		}
	}

	private static void alignAt(ElectionSession session, long instant) {
		if (instant != Timing.NEVER) {
			session.alignAt(instant);
		}
	}

	/**
	 * Has everything done that is due by now. Only a test that makes time pass needs to
	 * call this.
	 * @return whether nothing is under way then, listeners aside
	 * @see #isListening()
	 */
	public boolean catchUp() {
		ElectionSession current = this.session;
		return current == null || current.catchUp();
	}

	/**
	 * Whether there is something to tell listeners, or they have not returned.
	 * @return whether there is
	 */
	public boolean isListening() {
		ElectionSession current = this.session;
		return current != null && current.isListening();
	}

	private boolean isFit() {
		return this.fitness.isAt(this.ticks.getAsLong());
	}

	@Override
	public String backend() {
		return this.backend.description();
	}

	@Override
	public ElectionReport report(String name) {
		DefaultLeaderElection election = find(name);
		Candidacy candidacy = election.candidacy();
		ElectionSession current = this.session;
		Outage problem = (current != null) ? current.problem() : null;
		Renewal renewal = (candidacy != null) ? candidacy.latestRenewal() : null;
		String barred = barred(candidacy);
		Timing timing = this.settings.timing();
		Leadership leadership = election.leadership().orElse(null);
		return new ElectionReport(name, election.candidateId(), election.state(), election.leader().orElse(null),
				leadership, (leadership != null && candidacy != null) ? candidacy.validFor() : null,
				timing.leaseDuration(), timing.renewDeadline(), timing.retryPeriod(),
				(renewal != null) ? renewal.at() : null, (renewal != null) ? renewal.took() : null,
				(barred != null) ? barred : (problem != null) ? problem.message() : null,
				(barred == null && problem != null) ? problem.since() : null, warnings(current, candidacy),
				(candidacy != null) ? candidacy.transitions() : List.of());
	}

	private static List<String> warnings(@Nullable ElectionSession session, @Nullable Candidacy candidacy) {
		List<String> warnings = new ArrayList<>();
		if (session != null) {
			warnings.addAll(session.warnings());
		}
		if (candidacy != null) {
			warnings.addAll(candidacy.warnings());
		}
		return List.copyOf(warnings);
	}

	/** What keeps a candidate from competing for good, or for as long as it lasts. */
	private static @Nullable String barred(@Nullable Candidacy candidacy) {
		if (candidacy == null) {
			return null;
		}
		String fact = candidacy.fact();
		return (fact != null) ? fact : candidacy.blockedBy();
	}

	@Override
	public synchronized void start() {
		if (this.running || !this.settings.enabled()) {
			return;
		}
		Timing timing = this.settings.timing();
		ElectionLog.LOGGER.info("Taking part in " + ((this.elections.size() == 1) ? "election " : "elections ")
				+ shortened(names()) + " over " + this.backend.description() + " as '" + this.settings.candidateId()
				+ "', lease " + Timing.show(timing.leaseDuration()) + ", renew deadline "
				+ Timing.show(timing.renewDeadline()) + ", retry period " + Timing.show(timing.retryPeriod()));
		ElectionSession started = new ElectionSession(this.settings, this.backend, this.publisher, this.observers.get(),
				this.ticks, this.clock);
		started.start(this.session);
		this.session = started;
		this.running = true;
		inOrder().forEach(started::join);
		alignAt(started, this.fitness.from()); // in the past as well: it may have come
												// just now
		alignAt(started, this.fitness.until());
		if (this.settings.failFast() && !this.elections.isEmpty()) {
			requireContact(started, timing.leaseDuration());
		}
	}

	private void requireContact(ElectionSession started, Duration limit) {
		String problem = started.awaitContact(limit);
		if (problem != null) {
			this.running = false;
			started.stop(() -> {
			});
			throw new BackendContactException(this.backend.name(), problem);
		}
	}

	/** Backends may do more for the first ones. */
	private List<DefaultLeaderElection> inOrder() {
		Set<String> names = new LinkedHashSet<>(this.settings.elections());
		names.addAll(names());
		return names.stream().map(this.elections::get).filter(Objects::nonNull).toList();
	}

	@Override
	public void stop() {
		CountDownLatch stopped = new CountDownLatch(1);
		stop(stopped::countDown);
		try {
			stopped.await(this.settings.stopTimeout().plus(this.settings.timing().retryPeriod()).toNanos(),
					TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void stop(Runnable callback) {
		ElectionSession stopping;
		synchronized (this) {
			stopping = this.session;
			this.running = false;
		}
		if (stopping == null) {
			callback.run();
		}
		else {
			stopping.stop(callback);
		}
	}

	/**
	 * Stops elections that the lifecycle of the context has not: some versions of Spring
	 * only destroy the beans of a context whose start fails after its lifecycle began.
	 */
	@Override
	public void destroy() {
		if (this.running) {
			stop();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	/** The latest session, {@code null} before the first start; for tests. */
	@Nullable ElectionSession session() {
		return this.session;
	}

	@Override
	public int getPhase() {
		return this.settings.phase();
	}

	/** Once they were started, they start again with a context that was stopped. */
	@Override
	public boolean isAutoStartup() {
		return this.settings.autoStartup() || this.session != null;
	}

	private DefaultLeaderElection find(String name) {
		DefaultLeaderElection election = this.elections.get(name);
		if (election == null) {
			throw new IllegalArgumentException("No election is named '" + Attributes.clean(name) + "', only "
					+ shortened(names()) + " were configured or joined");
		}
		return election;
	}

	private static String shortened(Set<String> names) {
		int shown = 10;
		return (names.size() <= shown) ? names.toString()
				: names.stream().limit(shown).toList() + " and " + (names.size() - shown) + " more";
	}

	/**
	 * When the application is fit to lead.
	 *
	 * @param from from when on, {@link Timing#NEVER} if it is not
	 * @param until until when, {@link Timing#NEVER} if it does not end by itself
	 */
	private record Fitness(long from, long until) {

		static final Fitness NONE = new Fitness(Timing.NEVER, Timing.NEVER);

		boolean isAt(long now) {
			return now >= this.from && !isOver(now);
		}

		boolean isOver(long now) {
			return this.from == Timing.NEVER || now >= this.until;
		}

	}

}
