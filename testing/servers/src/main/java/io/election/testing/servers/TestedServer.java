package io.election.testing.servers;

/**
 * A kind and version of a server that tests run with.
 */
public interface TestedServer {

	/**
	 * Return whether tests run with it that are run again on another JDK or another
	 * version of Spring Boot.
	 * @return whether it is the newest one of its kind, with the usual client library
	 */
	boolean isNewest();

}
