package io.election.samples.quickstart;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.election.samples.quickstart.Promises.BrokenException;
import io.election.samples.quickstart.Signal.Kind;

/**
 * The replicas that run, and what has happened to them so far.
 */
final class Replicas implements AutoCloseable {

	private static final long LOOK_MILLIS = 100;

	private final Timeline timeline;

	private final Path logs;

	private final List<String> arguments;

	private final Map<String, Replica> running = new LinkedHashMap<>();

	private final List<Event> events = new ArrayList<>();

	private final SampledTerms terms = new SampledTerms();

	/**
	 * Create an empty group.
	 * @param timeline where to print who leads
	 * @param logs the folder of the replicas' logs
	 * @param arguments arguments of all replicas
	 */
	Replicas(Timeline timeline, Path logs, List<String> arguments) {
		this.timeline = timeline;
		this.logs = logs;
		this.arguments = arguments;
	}

	synchronized void start(String name) {
		this.running.put(name, new Replica(name, this.logs.resolve(name + ".log"), this.arguments,
				(signal) -> handle(new Event(name, signal))));
	}

	synchronized List<Replica> running() {
		return List.copyOf(this.running.values());
	}

	/**
	 * Expect the end of a replica from now on.
	 * @param replica the replica
	 */
	synchronized void remove(Replica replica) {
		this.running.remove(replica.name());
	}

	/**
	 * Return the events of a kind so far, in order.
	 * @param kind the kind
	 * @return the events
	 */
	synchronized List<Event> events(Kind kind) {
		return this.events.stream().filter((event) -> event.is(kind)).toList();
	}

	/**
	 * Wait for an event.
	 * @param promise the promise that is broken without it
	 * @param limit how long to wait at most
	 * @param predicate matches the event, of all from the start on
	 * @return the event
	 */
	Event await(String promise, Duration limit, Predicate<Event> predicate) {
		return awaitFound(promise, limit, () -> this.events.stream().filter(predicate).findFirst());
	}

	/**
	 * Wait until a replica that runs leads.
	 * @param promise the promise that is broken without it
	 * @param limit how long to wait at most
	 * @return the replica
	 */
	Replica awaitLeader(String promise, Duration limit) {
		return awaitFound(promise, limit, this::leader);
	}

	SampledTerms terms() {
		return this.terms;
	}

	@Override
	public synchronized void close() {
		this.running.values().forEach(Replica::close);
		this.running.clear();
	}

	private Optional<Replica> leader() {
		return events(Kind.GRANTED).stream()
			.max(Comparator.comparing(Event::at))
			.filter((granted) -> events(Kind.REVOKED).stream().noneMatch(granted::isSameTerm))
			.map((granted) -> this.running.get(granted.replica()));
	}

	private synchronized <T> T awaitFound(String promise, Duration limit, Supplier<Optional<T>> search) {
		long start = System.nanoTime();
		Optional<T> found = search.get();
		while (found.isEmpty()) {
			if (System.nanoTime() - start > limit.toNanos()) {
				throw new BrokenException(promise, "not within " + limit.toSeconds() + " s");
			}
			for (Replica replica : this.running.values()) {
				if (!replica.isAlive()) {
					throw new BrokenException(promise, replica.name() + " has ended by itself, see its log");
				}
			}
			pause();
			found = search.get();
		}
		return found.get();
	}

	private void pause() {
		try {
			wait(LOOK_MILLIS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for replicas", ex);
		}
	}

	private void handle(Event event) {
		Signal signal = event.signal();
		if (signal.kind() == Kind.SAMPLED) {
			this.terms.add(event.replica(), signal.token(), signal.at(), Long.parseLong(signal.detail()));
			return;
		}
		this.timeline.print(signal.at(), event.toString());
		synchronized (this) {
			this.events.add(event);
			notifyAll();
		}
	}

	/**
	 * A signal and who gave it.
	 *
	 * @param replica the name of the replica
	 * @param signal the signal
	 */
	record Event(String replica, Signal signal) {

		boolean is(Kind kind) {
			return this.signal.kind() == kind;
		}

		boolean isSameTerm(Event other) {
			return this.replica.equals(other.replica) && this.signal.token() == other.signal.token();
		}

		long at() {
			return this.signal.at();
		}

		@Override
		public String toString() {
			return this.replica + " " + this.signal.text();
		}

	}

}
