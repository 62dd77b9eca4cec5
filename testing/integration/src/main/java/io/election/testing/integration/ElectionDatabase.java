package io.election.testing.integration;

import java.time.Duration;
import java.util.List;

import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;

/**
 * A PostgreSQL, and the properties of applications that elect over it.
 */
public final class ElectionDatabase implements AutoCloseable {

	private final PostgresServer server = new PostgresServer(PostgresVersion.V18);

	/**
	 * The server.
	 * @return the server, not started by this class
	 */
	public PostgresServer server() {
		return this.server;
	}

	/**
	 * Properties with the given lease, and shorter times for the rest.
	 * @param election the name of the main election
	 * @param lease the lease duration
	 * @return the properties, each {@code name=value}
	 */
	public List<String> properties(String election, Duration lease) {
		return properties(election, lease, this.server.jdbcUrl());
	}

	/**
	 * Properties of an application that reaches the server through a proxy.
	 * @param election the name of the main election
	 * @param lease the lease duration
	 * @param proxy the proxy
	 * @return the properties, each {@code name=value}
	 */
	public List<String> properties(String election, Duration lease, FaultProxy proxy) {
		return properties(election, lease, this.server.jdbcUrl(proxy));
	}

	private List<String> properties(String election, Duration lease, String url) {
		return List.of("election.backend=postgres", "election.jdbc.url=" + url,
				"election.jdbc.username=" + this.server.username(), "election.jdbc.password=" + this.server.password(),
				"election.name=" + election, "election.lease-duration=" + lease.toMillis() + "ms",
				"election.renew-deadline=" + lease.toMillis() * 2 / 3 + "ms",
				"election.retry-period=" + lease.toMillis() * 2 / 15 + "ms");
	}

	@Override
	public void close() {
		this.server.close();
	}

}
