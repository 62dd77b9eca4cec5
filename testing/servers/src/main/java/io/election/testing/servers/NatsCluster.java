package io.election.testing.servers;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Three real NATS servers that keep streams together.
 * <p>
 * They do not tell clients of one another: a client knows the servers it was given.
 */
public final class NatsCluster extends TestCluster<NatsServer> {

	/**
	 * Create a cluster that is yet to be started.
	 * @param version its version
	 */
	public NatsCluster(NatsVersion version) {
		super(IntStream.range(0, SIZE).mapToObj((index) -> new NatsServer(version, "member-" + index)).toList());
		members().forEach((member) -> member.join(members()));
	}

	/**
	 * Configure all members alike.
	 * @param configurer configures one
	 * @return this cluster
	 */
	public NatsCluster configure(Consumer<NatsServer> configurer) {
		members().forEach(configurer);
		return this;
	}

	@Override
	public NatsCluster start() {
		super.start();
		return this;
	}

	/**
	 * Return the URLs that clients connect to.
	 * @return the URLs, of members that are down too
	 */
	public List<String> urls() {
		return members().stream().map(NatsServer::url).toList();
	}

	/**
	 * Return the leader of a stream, awaited if there is none.
	 * @param stream the stream; that of a key-value bucket is {@code KV_<bucket>}
	 * @return the member that leads it
	 */
	public NatsServer leaderOf(String stream) {
		return only("leader of " + stream, (member) -> member.isLeaderOf(stream));
	}

	// Until the leader has seen them all, it would place no stream on three
	@Override
	void awaitReady() {
		only("leader that all follow", (member) -> member.isMetaLeader() && member.followers() == SIZE - 1);
	}

}
