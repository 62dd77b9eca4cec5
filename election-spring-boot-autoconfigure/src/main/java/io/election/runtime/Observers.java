package io.election.runtime;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.election.ElectionEvent;
import io.election.ElectionObserver;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells several observers, none of which can disturb an election or another observer by
 * what it throws.
 */
final class Observers implements ElectionObserver {

	private static final Log logger = LogFactory.getLog(Observers.class);

	private final List<ElectionObserver> observers;

	Observers(List<ElectionObserver> observers) {
		this.observers = List.copyOf(observers);
	}

	@Override
	public void joined(String election) {
		tell((observer) -> observer.joined(election));
	}

	@Override
	public void left(String election) {
		tell((observer) -> observer.left(election));
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
	public void listened(ElectionEvent event, Duration took, boolean failed) {
		tell((observer) -> observer.listened(event, took, failed));
	}

	private void tell(Consumer<ElectionObserver> news) {
		this.observers
			.forEach((observer) -> Safely.run(logger, "An observer of elections failed", () -> news.accept(observer)));
	}

}
