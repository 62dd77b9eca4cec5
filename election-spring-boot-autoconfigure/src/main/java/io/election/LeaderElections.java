package io.election;

import java.util.Set;

/**
 * The elections in which this application takes part.
 */
public interface LeaderElections {

	/**
	 * The names of all elections that were configured or joined and not left.
	 * @return the names, a copy
	 */
	Set<String> names();

	/**
	 * An election in which this application takes part.
	 * @param name its name
	 * @return the election
	 * @throws IllegalArgumentException if the application does not take part in it
	 */
	LeaderElection get(String name);

	/**
	 * Takes part in a further election, from now on or, if elections have not started
	 * yet, from when they do. Who joins again takes part when the listeners of the former
	 * participation have finished.
	 * @param name its name
	 * @return the election, always the same for the same name
	 * @throws IllegalArgumentException if the backend cannot have an election of this
	 * name
	 */
	LeaderElection join(String name);

	/**
	 * Takes part no longer. Steps down if leading, and returns at once; the revoked event
	 * follows. Does nothing if the application does not take part.
	 * @param name the name of the election
	 */
	void leave(String name);

}
