package io.election;

/**
 * A listener's place in an election, until it is closed.
 */
@FunctionalInterface
public interface Subscription extends AutoCloseable {

	/**
	 * Ends the subscription. A call of the listener that is under way is not waited for,
	 * none begins afterwards. May be called more than once and from any thread.
	 */
	@Override
	void close();

}
