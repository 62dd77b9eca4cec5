package io.election;

/**
 * Tells operators how elections go.
 */
public interface ElectionReports {

	/**
	 * The backend in use.
	 * @return its name, as in {@code election.backend}
	 */
	String backend();

	/**
	 * Reports on an election. What it says of leadership is computed in this call.
	 * @param election the name of the election
	 * @return the report
	 * @throws IllegalArgumentException if the application does not take part in it
	 */
	ElectionReport report(String election);

}
