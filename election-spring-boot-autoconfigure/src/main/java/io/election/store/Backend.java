package io.election.store;

import java.time.Duration;

import io.election.core.Timing;

/**
 * A kind of server that can keep elections, with the settings to reach it. Made once,
 * without contact to the server.
 */
public interface Backend {

	/**
	 * The value of {@code election.backend} that selects it.
	 * @return the name
	 */
	String name();

	/**
	 * What people are shown: the name, and what tells this backend from another of the
	 * same name where that is easily mistaken.
	 * @return the description, without secrets
	 */
	default String description() {
		return name();
	}

	/**
	 * Refuses names that the backend cannot keep apart or cannot store.
	 * @param election the name of an election
	 * @throws IllegalArgumentException if it cannot be used, with a message that tells
	 * what is allowed
	 */
	void checkName(String election);

	/**
	 * How often a process repeats its registration in rosters.
	 * @param timing the numbers of its elections
	 * @return the time between two registrations
	 * @see LeaseStore#register
	 */
	default Duration registrationPeriod(Timing timing) {
		return timing.leaseDuration();
	}

	/**
	 * How many threads are to wait for hints, each in a call of its own.
	 * @return the number, 0 if there are no hints
	 * @see LeaseStore#watch
	 */
	default int watchers() {
		return 1;
	}

	/**
	 * Tells what to look for where records stay locked by other programs.
	 * @return a sentence for people, empty if there is nothing to tell
	 */
	default String adviceOnLocks() {
		return "";
	}

	/**
	 * Makes a store. Does not contact the server: the first call to the store does.
	 * @param requestTimeout the bound of every call to the store
	 * @return the store, to be closed by the caller
	 */
	LeaseStore open(Duration requestTimeout);

}
