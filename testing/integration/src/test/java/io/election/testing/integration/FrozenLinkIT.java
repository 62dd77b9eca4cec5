package io.election.testing.integration;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

import io.election.testing.integration.NodeReports.Event;
import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.FaultProxy.Direction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The leader's link to the server stands still for three times the lease.
 */
@OnEachBackend
class FrozenLinkIT {

	private static final Duration LEASE = Duration.ofSeconds(2);

	private final ElectionServer server;

	FrozenLinkIT(ElectionServer server) {
		this.server = server;
	}

	@ParameterizedTest
	@EnumSource
	void nobodyElseLeadsWhileTheLeaderThinksThatItDoes(Fault fault) {
		String election = fault.name().toLowerCase(Locale.ROOT);
		try (FaultProxy proxy = FaultProxy.to(this.server.server().port()); Cluster cluster = new Cluster()) {
			Node cutOff = cluster.startLeader(Node.with("cut-off", this.server.properties(election, LEASE, proxy)),
					election);
			Node second = cluster.start(Node.with("second", this.server.properties(election, LEASE)));
			Node third = cluster.start(Node.with("third", this.server.properties(election, LEASE)));
			long since = System.nanoTime();
			fault.happenTo.accept(proxy);
			Event revoked = cutOff.awaitRevoked(0, election);
			assertThat(revoked.detail()).isEqualTo("EXPIRED");
			assertThat(cluster.awaitGranted(election, since).node()).isNotEqualTo("cut-off");
			Cluster.sleepUntil(since, LEASE.multipliedBy(3));
			int healed = cutOff.mark();
			proxy.pass();
			second.command("pause " + election);
			third.command("pause " + election);
			cutOff.awaitGranted(healed, election);
			cluster.assertPromises();
		}
	}

	enum Fault {

		/** Nothing gets through any more, until all of it does at once. */
		FROZEN(FaultProxy::freeze),

		/** What is sent is lost. */
		BLACK_HOLE(FaultProxy::blackHole),

		/** What is asked is carried out, the answers come when all is over. */
		REPLIES_FROZEN((proxy) -> proxy.freeze(Direction.TO_CLIENT));

		private final Consumer<FaultProxy> happenTo;

		Fault(Consumer<FaultProxy> happenTo) {
			this.happenTo = happenTo;
		}

	}

}
