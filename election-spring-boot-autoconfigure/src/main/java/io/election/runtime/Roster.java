package io.election.runtime;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import io.election.Candidate;
import io.election.runtime.RosterHealth.Use;
import io.election.runtime.SerialLoop.Alarm;
import io.election.store.Attributes;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import org.jspecify.annotations.Nullable;

/**
 * The entry of this process in the rosters of its elections, which is what people see of
 * it. Writing it also is what keeps the session of etcd alive while nothing is renewed.
 * Everything but {@link #candidates} runs in the loop.
 */
final class Roster {

	private final String nonce = UUID.randomUUID().toString();

	private final ElectionSettings settings;

	private final Duration period;

	private final Map<String, String> attributes;

	private final SerialLoop loop;

	private final StoreWorker worker;

	private final RosterHealth health;

	private final Set<String> elections = new LinkedHashSet<>();

	/** What was left and is in the entry still. */
	private final Set<String> left = new LinkedHashSet<>();

	/** Whether it is being taken out, or was just before. */
	private boolean leaving;

	/** Whether the entry has to be written, again or for the first time. */
	private boolean due;

	/** Whether it is being written, or was just before. */
	private boolean writing;

	private @Nullable Alarm next;

	/**
	 * Creates a roster.
	 * @param period how often the backend wants the entry written
	 */
	Roster(ElectionSettings settings, Map<String, String> attributes, Duration period, SerialLoop loop,
			StoreWorker worker, RosterHealth health) {
		this.settings = settings;
		this.attributes = attributes;
		this.period = period;
		this.loop = loop;
		this.worker = worker;
		this.health = health;
	}

	void joined(String election) {
		this.elections.add(election);
		this.left.remove(election);
		this.due = true;
	}

	void left(String election) {
		this.elections.remove(election);
		this.left.add(election);
	}

	/**
	 * Writes what is due, all elections at once, and takes out all at once that were
	 * left.
	 */
	void write() {
		register();
		unregister();
	}

	private void register() {
		if (!this.due || this.writing || this.elections.isEmpty()) {
			return;
		}
		this.loop.cancel(this.next);
		Registration registration = registration(this.elections);
		perform(Use.WRITE, (store) -> store.register(registration),
				(answered) -> this.loop.submit(() -> written(answered)));
		this.due = false;
		this.writing = true;
	}

	private void written(boolean answered) {
		Duration retryPeriod = this.settings.timing().retryPeriod();
		// Where elections are joined one by one, not once for each
		this.loop.at(this.loop.now() + retryPeriod.toNanos() / 4, () -> this.writing = false);
		this.next = this.loop.at(this.loop.now() + (answered ? this.period : retryPeriod).toNanos(),
				() -> this.due = true);
	}

	private void unregister() {
		if (this.leaving || this.left.isEmpty()) {
			return;
		}
		Registration registration = registration(this.left);
		perform(Use.WRITE, (store) -> store.unregister(registration),
				(answered) -> this.loop.submit(() -> unregistered(registration.elections(), answered)));
		this.leaving = true;
		this.left.clear();
	}

	private void unregistered(Set<String> left, boolean answered) {
		if (!answered) {
			left.stream().filter((election) -> !this.elections.contains(election)).forEach(this.left::add);
		}
		long retryPeriod = this.settings.timing().retryPeriod().toNanos();
		this.loop.at(this.loop.now() + (answered ? retryPeriod / 4 : retryPeriod), () -> this.leaving = false);
	}

	/** Removes the entry, then runs the task. */
	void leaveAll(Runnable task) {
		Set<String> all = new LinkedHashSet<>(this.elections);
		all.addAll(this.left);
		if (all.isEmpty()) {
			task.run();
		}
		else {
			Registration registration = registration(all);
			perform(Use.WRITE, (store) -> store.unregister(registration), (answered) -> this.loop.submit(task));
		}
	}

	/**
	 * Reads the roster of an election; on any thread.
	 * @return the candidates, {@code null} if the store does not answer within a retry
	 * period
	 */
	@Nullable List<Candidate> candidates(String election) {
		CompletableFuture<@Nullable List<Candidate>> read = new CompletableFuture<>();
		Runnable reading = perform(Use.READ, (store) -> read.complete(toCandidates(store.candidates(election))),
				(answered) -> read.complete(null));
		try {
			return read.get(this.settings.timing().retryPeriod().toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
		catch (ExecutionException | TimeoutException ex) {
			return null; // shown by the health of the store, or by that of the roster
		}
		finally {
			this.worker.withdraw(reading);
		}
	}

	private static List<Candidate> toCandidates(List<RosterEntry> entries) {
		return entries.stream()
			.map((entry) -> new Candidate(Attributes.clean(entry.candidateId()), Attributes.cleaned(entry.attributes()),
					entry.lastSeen()))
			.toList();
	}

	private Runnable perform(Use use, StoreWorker.Action action, Consumer<Boolean> outcome) {
		return this.worker.perform(action, (failure) -> {
			try {
				this.health.outcome(use, failure);
			}
			finally {
				outcome.accept(failure == null);
			}
		});
	}

	private Registration registration(Set<String> elections) {
		return new Registration(this.nonce, this.settings.candidateId(), this.attributes, Set.copyOf(elections),
				this.period);
	}

}
