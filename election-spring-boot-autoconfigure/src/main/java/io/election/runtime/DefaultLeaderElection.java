package io.election.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

import io.election.Candidate;
import io.election.ElectionState;
import io.election.Leader;
import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipListener;
import io.election.Subscription;
import io.election.core.Reason;
import io.election.core.Timing;
import io.election.runtime.Announcer.Subscriber;
import org.jspecify.annotations.Nullable;

/**
 * An election as the application sees it. It is there before elections start and after
 * they stop, and outlives any number of candidacies.
 */
final class DefaultLeaderElection implements LeaderElection {

	private static final Duration LONGEST_ASIDE = Duration.ofDays(1);

	private final String name;

	private final ElectionSettings settings;

	private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();

	/** The latest term whose infancy was claimed. */
	private final AtomicLong infancyClaimed = new AtomicLong();

	private volatile @Nullable Candidacy candidacy;

	/** Whether the application wants no candidate of its to compete. */
	private volatile boolean paused;

	private final BooleanSupplier fitness;

	private volatile List<Candidate> roster = List.of();

	/**
	 * Creates an election without a candidacy.
	 * @param fitness whether the application is fit to lead
	 */
	DefaultLeaderElection(String name, ElectionSettings settings, BooleanSupplier fitness) {
		this.name = name;
		this.settings = settings;
		this.fitness = fitness;
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public String candidateId() {
		return this.settings.candidateId();
	}

	@Override
	public ElectionState state() {
		Candidacy current = this.candidacy;
		return (current != null) ? current.state() : ElectionState.UNKNOWN;
	}

	@Override
	public boolean isLeader() {
		Candidacy current = this.candidacy;
		return current != null && current.isLeader();
	}

	@Override
	public Optional<Leadership> leadership() {
		Candidacy current = this.candidacy;
		return (current != null) ? Optional.ofNullable(current.leadership()) : Optional.empty();
	}

	@Override
	public Optional<Leader> leader() {
		Candidacy current = this.candidacy;
		return (current != null) ? Optional.ofNullable(current.leader()) : Optional.empty();
	}

	@Override
	public List<Candidate> candidates() {
		Candidacy current = this.candidacy;
		if (current != null) {
			List<Candidate> read = current.session().candidates(this.name);
			this.roster = (read != null) ? read : this.roster;
		}
		return this.roster;
	}

	@Override
	public boolean claimInfancy() {
		long token = leadership().map(Leadership::fencingToken).orElse(0L);
		return this.infancyClaimed.getAndAccumulate(token, Math::max) < token;
	}

	@Override
	public void resign() {
		resign(leaseDuration());
	}

	@Override
	public void resign(Duration standAside) {
		if (standAside.isNegative() || standAside.compareTo(LONGEST_ASIDE) > 0) {
			throw new IllegalArgumentException(
					"standAside is " + Timing.show(standAside) + " but must be between 0s and 1d");
		}
		withCandidacy((driver, current) -> driver.resign(current, standAside));
	}

	@Override
	public void pause() {
		this.paused = true;
		withCandidacy(this::align);
	}

	@Override
	public void resume() {
		this.paused = false;
		withCandidacy((driver, current) -> {
			current.confirmed();
			align(driver, current);
		});
	}

	@Override
	public Subscription subscribe(LeadershipListener listener) {
		Subscriber subscriber = new Subscriber(listener);
		this.subscribers.add(subscriber);
		Candidacy current = this.candidacy;
		if (current != null) {
			current.announcer().catchUp(subscriber);
		}
		return () -> {
			subscriber.close();
			this.subscribers.remove(subscriber);
		};
	}

	Duration leaseDuration() {
		return this.settings.timing().leaseDuration();
	}

	List<Subscriber> subscribers() {
		return this.subscribers;
	}

	/** Whether this candidate leads in that very term at this moment. */
	boolean leads(Leadership term) {
		Candidacy current = this.candidacy;
		return current != null && current.leads(term.fencingToken());
	}

	/** The latest candidacy, {@code null} before the first. */
	@Nullable Candidacy candidacy() {
		return this.candidacy;
	}

	/** Has the candidate compete if it may, and not if it must not. */
	void align(CandidateDriver driver, Candidacy current) {
		if (this.paused) {
			driver.pause(current, Reason.PAUSED);
		}
		else if (!this.fitness.getAsBoolean()) {
			driver.pause(current, Reason.UNHEALTHY);
		}
		// After a refused token, it is for an operator to decide
		else if (current.formalState() == ElectionState.PAUSED && current.refusedToken() == null) {
			driver.resume(current);
		}
	}

	void takesPart(Candidacy candidacy) {
		this.candidacy = candidacy;
	}

	private void withCandidacy(BiConsumer<CandidateDriver, Candidacy> input) {
		Candidacy current = this.candidacy;
		if (current != null) {
			current.session().handle(current, input);
		}
	}

}
