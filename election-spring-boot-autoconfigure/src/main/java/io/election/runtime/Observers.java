package io.election.runtime;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.election.ElectionEvent;
import io.election.ElectionObserver;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells observers what happens, in order, on threads on which nothing of an election
 * waits for them. What they throw is logged.
 */
final class Observers implements ElectionObserver {

	private static final Log logger = LogFactory.getLog(Observers.class);

	/** What is kept for observers that do not keep up; they miss the rest. */
	static final int MOST_PENDING = 10_000;

	private final List<ElectionObserver> observers;

	private final SerialQueue queue;

	private final AtomicInteger pending = new AtomicInteger();

	/** Whether something was missed since observers last had caught up. */
	private final AtomicBoolean behind = new AtomicBoolean();

	/**
	 * Creates observers.
	 * @param pool whose threads call them
	 */
	Observers(List<ElectionObserver> observers, Executor pool) {
		this.observers = List.copyOf(observers);
		this.queue = new SerialQueue(pool);
	}

	@Override
	public void joined(String election) {
		tellInAnyCase((observer) -> observer.joined(election));
	}

	@Override
	public void left(String election) {
		tellInAnyCase((observer) -> observer.left(election));
	}

	@Override
	public void attempted(String election, Attempt attempt, Outcome outcome, Duration took) {
		tell((observer) -> observer.attempted(election, attempt, outcome, took));
	}

	@Override
	public void hinted(String election) {
		tell((observer) -> observer.hinted(election));
	}

	@Override
	public void leaderFound(String election, Duration vacancy) {
		tell((observer) -> observer.leaderFound(election, vacancy));
	}

	@Override
	public void listening(ElectionEvent event) {
		tellInAnyCase((observer) -> observer.listening(event));
	}

	/** In any case, as what has begun must be seen to end. */
	@Override
	public void listened(ElectionEvent event, Duration took, boolean failed) {
		tellInAnyCase((observer) -> observer.listened(event, took, failed));
	}

	private void tell(Consumer<ElectionObserver> news) {
		if (this.pending.get() < MOST_PENDING) {
			tellInAnyCase(news);
		}
		else if (!this.behind.getAndSet(true)) {
			logger.warn("Observers of elections do not keep up, and miss what happens");
		}
	}

	private void tellInAnyCase(Consumer<ElectionObserver> news) {
		if (this.observers.isEmpty()) {
			return;
		}
		this.pending.incrementAndGet();
		boolean added = false;
		try {
			this.queue.add(() -> publish(news));
			added = true;
		}
		finally {
			if (!added) {
				takeOff();
			}
		}
	}

	private void publish(Consumer<ElectionObserver> news) {
		takeOff();
		try {
			this.observers.forEach(
					(observer) -> Safely.run(logger, "An observer of elections failed", () -> news.accept(observer)));
		}
		catch (Throwable ex) { // no memory: some may miss it, but none gets it twice
			Safely.log(logger, "Observers of elections miss what happens", ex);
		}
	}

	private void takeOff() {
		if (this.pending.decrementAndGet() == 0) {
			this.behind.set(false);
		}
	}

	/** Asks for a thread if there was none to be had. */
	void resume() {
		this.queue.resume();
	}

}
