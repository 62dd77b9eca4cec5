package io.election.testing.integration;

import java.util.List;
import java.util.Map;

import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import io.election.testing.servers.FaultProxy;
import org.jspecify.annotations.Nullable;

/**
 * An etcd with one member.
 */
public final class ElectionEtcd implements ElectionServer {

	private final EtcdServer server = new EtcdServer(EtcdVersion.V3_5);

	@Override
	public EtcdServer server() {
		return this.server;
	}

	@Override
	public List<String> connection(@Nullable FaultProxy proxy) {
		String endpoint = (proxy != null) ? this.server.endpoint(proxy) : this.server.endpoint();
		return List.of("election.backend=etcd", "election.etcd.endpoints=" + endpoint);
	}

	/** Calls of gRPC methods. */
	@Override
	public Map<String, Long> requests() {
		return this.server.requests();
	}

	@Override
	public String toString() {
		return "etcd";
	}

}
