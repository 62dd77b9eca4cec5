package io.election.test;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.election.ElectionEvent;
import io.election.ElectionObserver;
import io.election.Leader;
import io.election.LeaderChangedEvent;

/**
 * Which events' listeners have returned.
 */
final class ListenerLog implements ElectionObserver {

	private final Map<String, Integer> counts = new ConcurrentHashMap<>();

	private final Map<String, Long> leaders = new ConcurrentHashMap<>();

	@Override
	public void listened(ElectionEvent event, Duration took, boolean failed) {
		this.counts.merge(key(event.getElection(), event.getClass()), 1, Integer::sum);
		if (event instanceof LeaderChangedEvent changed) {
			this.leaders.put(event.getElection(), changed.getCurrent().map(Leader::fencingToken).orElse(0L));
		}
	}

	/** How many events of a kind listeners were told of. */
	int count(String election, Class<? extends ElectionEvent> event) {
		return this.counts.getOrDefault(key(election, event), 0);
	}

	/** The token of the leader that listeners were told of last, 0 if of none. */
	long leader(String election) {
		return this.leaders.getOrDefault(election, 0L);
	}

	private static String key(String election, Class<?> event) {
		return event.getName() + " " + election;
	}

}
