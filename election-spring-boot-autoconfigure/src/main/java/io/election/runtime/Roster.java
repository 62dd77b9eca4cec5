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
		this.due = true;
	}

	void left(String election) {
		this.elections.remove(election);
		unregister(Set.of(election), () -> {
		});
	}

	/** Writes what is due, all elections at once. */
	void write() {
		if (!this.due || this.writing || this.elections.isEmpty()) {
			return;
		}
		this.due = false;
		this.writing = true;
		this.loop.cancel(this.next);
		Registration registration = registration(this.elections);
		perform(Use.WRITE, (store) -> store.register(registration),
				(answered) -> this.loop.submit(() -> written(answered)));
	}

	private void written(boolean answered) {
		Duration retryPeriod = this.settings.timing().retryPeriod();
		// Where elections are joined one by one, not once for each
		this.loop.at(this.loop.now() + retryPeriod.toNanos() / 4, () -> this.writing = false);
		this.next = this.loop.at(this.loop.now() + (answered ? this.period : retryPeriod).toNanos(),
				() -> this.due = true);
	}

	/** Removes the entry, then runs the task. */
	void leaveAll(Runnable task) {
		if (this.elections.isEmpty()) {
			task.run();
		}
		else {
			unregister(this.elections, task);
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

	private void unregister(Set<String> left, Runnable task) {
		Registration registration = registration(left);
		perform(Use.WRITE, (store) -> store.unregister(registration), (answered) -> this.loop.submit(task));
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
