package io.election.testing.integration;

import java.util.List;
import java.util.Map;

import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;
import org.jspecify.annotations.Nullable;

/**
 * A NATS server that is alone.
 */
public final class ElectionNats implements ElectionServer {

	private final NatsServer server = new NatsServer(NatsVersion.V2_15);

	@Override
	public NatsServer server() {
		return this.server;
	}

	@Override
	public List<String> connection(@Nullable FaultProxy proxy) {
		String url = (proxy != null) ? this.server.url(proxy) : this.server.url();
		return List.of("election.backend=nats", "election.nats.servers=" + url);
	}

	/** Messages from clients. */
	@Override
	public Map<String, Long> requests() {
		return Map.of("messages", this.server.messagesIn());
	}

	@Override
	public String toString() {
		return "NATS";
	}

}
