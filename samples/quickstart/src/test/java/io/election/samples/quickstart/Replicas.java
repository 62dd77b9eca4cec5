package io.election.samples.quickstart;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

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

	synchronized Replica get(String name) {
		return this.running.get(name);
	}

	synchronized List<Replica> running() {
		return List.copyOf(this.running.values());
	}

	/**
	 * Expect the end of a replica from now on.
	 * @param name its name
	 * @return the replica
	 */
	synchronized Replica remove(String name) {
		return this.running.remove(name);
	}

	/**
	 * Wait for an event.
	 * @param promise the promise that is broken without it
	 * @param limit how long to wait at most
	 * @param predicate matches the event, of all from the start on
	 * @return the event
	 */
	synchronized Event await(String promise, Duration limit, Predicate<Event> predicate) {
		long start = System.nanoTime();
		for (int i = 0;; i++) {
			while (i == this.events.size()) {
				if (System.nanoTime() - start > limit.toNanos()) {
					throw new BrokenException(promise, "not within " + limit.toSeconds() + " s");
				}
				for (Replica replica : this.running.values()) {
					if (!replica.isAlive()) {
						throw new BrokenException(promise, replica.name() + " has ended by itself, see its log");
					}
				}
				pause();
			}
			if (predicate.test(this.events.get(i))) {
				return this.events.get(i);
			}
		}
	}

	/**
	 * Return the events of a kind so far, in order.
	 * @param kind the kind
	 * @return the events
	 */
	synchronized List<Event> events(Kind kind) {
		return this.events.stream().filter((event) -> event.is(kind)).toList();
	}

	SampledTerms terms() {
		return this.terms;
	}

	@Override
	public synchronized void close() {
		this.running.values().forEach(Replica::close);
		this.running.clear();
	}

	private void handle(Event event) {
		Signal signal = event.signal();
		switch (signal.kind()) {
			case SAMPLED ->
				this.terms.add(event.replica(), signal.token(), signal.at(), Long.parseLong(signal.detail()));
			case READY -> this.timeline.print(signal.at(), event.replica() + " is ready, on port " + signal.detail());
			case GRANTED -> this.timeline.print(signal.at(), event.replica() + " leads, token " + signal.token());
			case REVOKED -> this.timeline.print(signal.at(),
					event.replica() + " no longer leads, token " + signal.token() + ": " + signal.detail());
		}
		if (signal.kind() != Kind.SAMPLED) {
			add(event);
		}
	}

	private synchronized void add(Event event) {
		this.events.add(event);
		notifyAll();
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

		long at() {
			return this.signal.at();
		}

	}

}
