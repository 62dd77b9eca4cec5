package io.election.testing.integration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.TestServer;
import org.jspecify.annotations.Nullable;

/**
 * A server that keeps elections, and the properties of applications that elect over it.
 *
 * @see ElectionBackend
 */
public interface ElectionServer extends AutoCloseable {

	/**
	 * The server itself.
	 * @return the server, not started by this class
	 */
	TestServer server();

	/**
	 * Properties that select the backend and connect to the server.
	 * @param proxy what to reach the server through, {@code null} to do so directly
	 * @return the properties, each {@code name=value}
	 */
	List<String> connection(@Nullable FaultProxy proxy);

	/**
	 * Properties with the given lease, and shorter times for the rest.
	 * @param election the name of the main election
	 * @param lease the lease duration
	 * @return the properties, each {@code name=value}
	 */
	default List<String> properties(String election, Duration lease) {
		return properties(election, lease, null);
	}

	/**
	 * Properties of an application that reaches the server through a proxy.
	 * @param election the name of the main election
	 * @param lease the lease duration
	 * @param proxy the proxy, {@code null} if there is none
	 * @return the properties, each {@code name=value}
	 */
	default List<String> properties(String election, Duration lease, @Nullable FaultProxy proxy) {
		List<String> properties = new ArrayList<>(connection(proxy));
		properties.addAll(List.of("election.name=" + election, "election.lease-duration=" + lease.toMillis() + "ms",
				"election.renew-deadline=" + lease.toMillis() * 2 / 3 + "ms",
				"election.retry-period=" + lease.toMillis() * 2 / 15 + "ms"));
		return properties;
	}

	/**
	 * Has the server count what it is asked, for {@link #requests()}, if it does not do
	 * so anyway. To be called before its start.
	 */
	default void countRequests() {
	}

	/**
	 * What the server has been asked since its start.
	 * @return how often, by kind of request
	 */
	Map<String, Long> requests();

	@Override
	default void close() {
		server().close();
	}

}
