package io.election.testing.integration;

import java.time.Duration;
import java.util.Objects;

import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.TestServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The server is not there, goes away, hangs and comes back.
 */
@OnEachBackend
class OutageIT {

	private static final Duration LEASE = Duration.ofSeconds(2);

	/** What the nodes shared by the tests take part in. */
	private static final String ELECTION = "jobs";

	private static @Nullable FaultProxy link;

	private static @Nullable Cluster sharedCluster;

	private final ElectionServer server;

	private final FaultProxy proxy = Objects.requireNonNull(link);

	private final Cluster cluster = Objects.requireNonNull(sharedCluster);

	OutageIT(ElectionServer server) {
		this.server = server;
	}

	@BeforeParameterizedClassInvocation
	static void startNodes(ElectionServer server) {
		link = FaultProxy.to(server.server().port());
		sharedCluster = new Cluster();
		sharedCluster.start(Node.with("first", server.properties(ELECTION, LEASE, link)));
		sharedCluster.start(Node.with("second", server.properties(ELECTION, LEASE, link)));
	}

	@AfterParameterizedClassInvocation
	static void closeNodes() {
		Objects.requireNonNull(sharedCluster).close();
		Objects.requireNonNull(link).close();
	}

	@Test
	void anApplicationStartsWithoutTheServerAndLeadsLater() {
		try (FaultProxy nothing = FaultProxy.to(this.server.server().port()); Cluster early = new Cluster()) {
			nothing.refuse();
			Node node = early.start(Node.with("early", this.server.properties("early", LEASE, nothing)));
			TestApplication.sleep(LEASE);
			assertThat(node.command("leads early").result()).isEqualTo("false");
			assertThat(node.reports().events()).isEmpty();
			nothing.pass();
			node.awaitGranted(0, "early");
			early.assertPromises();
		}
	}

	@Test
	void anApplicationStartsWithAServerThatAcceptsAndNeverAnswersAndLeadsLater() {
		try (FaultProxy stalled = FaultProxy.to(this.server.server().port()); Cluster early = new Cluster()) {
			stalled.freeze();
			Node node = early.start(Node.with("early", this.server.properties("stalled", LEASE, stalled)));
			TestApplication.sleep(LEASE);
			assertThat(stalled.acceptedConnections()).isPositive();
			assertThat(node.command("leads stalled").result()).isEqualTo("false");
			assertThat(node.reports().events()).isEmpty();
			stalled.pass();
			node.awaitGranted(0, "stalled");
			early.assertPromises();
		}
	}

	@Test
	void nobodyLeadsWhileTheServerIsStopped() {
		outage(TestServer::stop, TestServer::start);
	}

	@Test
	void nobodyLeadsWhileTheServerIsKilled() {
		outage(TestServer::kill, TestServer::start);
	}

	@Test
	void nobodyLeadsWhileTheServerHangs() {
		outage(TestServer::pause, TestServer::resume);
	}

	@Test
	void electionsGoOnAfterARestart() {
		this.cluster.awaitLeader(ELECTION);
		this.server.server().restart();
		this.cluster.assertThatElectionGoesOn(ELECTION);
		this.cluster.assertPromises();
	}

	@Test
	void leadersStayWhenAllConnectionsAreReset() {
		Node leader = this.cluster.awaitLeader(ELECTION);
		int mark = leader.mark();
		this.proxy.reset();
		TestApplication.sleep(LEASE);
		// There was time enough to renew the lease over another connection
		assertThat(leader.command("leads " + ELECTION).result()).isEqualTo("true");
		assertThat(leader.process().lines().stream().skip(mark)).noneMatch((line) -> line.startsWith("@revoked "));
		this.cluster.assertThatElectionGoesOn(ELECTION);
		this.cluster.assertPromises();
	}

	private void outage(Fault begin, Fault end) {
		Node leader = this.cluster.awaitLeader(ELECTION);
		int mark = leader.mark();
		begin.happenTo(this.server.server());
		assertThat(leader.awaitRevoked(mark, ELECTION).detail()).isEqualTo("EXPIRED");
		assertThat(leader.command("leads " + ELECTION).result()).isEqualTo("false");
		TestApplication.sleep(LEASE);
		long since = System.nanoTime();
		assertThat(leader.command("leads " + ELECTION).result()).isEqualTo("false");
		end.happenTo(this.server.server());
		this.cluster.awaitGranted(ELECTION, since);
		this.cluster.assertThatElectionGoesOn(ELECTION);
		this.cluster.assertPromises();
	}

	private interface Fault {

		void happenTo(TestServer server);

	}

}
