package io.election.testing.integration;

import java.time.Duration;

import io.election.testing.servers.FaultProxy;
import io.election.testing.servers.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * PostgreSQL is not there, goes away, hangs and comes back.
 */
class OutageIT {

	private static final Duration LEASE = Duration.ofSeconds(2);

	private static final ElectionDatabase database = new ElectionDatabase();

	private static final Cluster cluster = new Cluster();

	/** What the nodes shared by the tests take part in. */
	private static final String ELECTION = "jobs";

	@BeforeAll
	static void startNodes() {
		database.server().start();
		cluster.start(Node.with("first", database.properties(ELECTION, LEASE)));
		cluster.start(Node.with("second", database.properties(ELECTION, LEASE)));
	}

	@AfterAll
	static void closeNodes() {
		cluster.close();
		database.close();
	}

	@Test
	void anApplicationStartsWithoutTheServerAndLeadsLater() {
		try (ElectionDatabase late = new ElectionDatabase(); Cluster early = new Cluster()) {
			late.server().start().stop();
			Node node = early.start(Node.with("early", late.properties(ELECTION, LEASE)));
			TestApplication.sleep(LEASE);
			assertThat(node.command("leads " + ELECTION).result()).isEqualTo("false");
			assertThat(node.reports().events()).isEmpty();
			late.server().start();
			node.awaitGranted(0, ELECTION);
			early.assertPromises();
		}
	}

	@Test
	void anApplicationStartsWithAServerThatAcceptsAndNeverAnswersAndLeadsLater() {
		try (FaultProxy proxy = FaultProxy.to(database.server().port()); Cluster early = new Cluster()) {
			proxy.freeze();
			Node node = early.start(Node.with("early", database.properties("stalled", LEASE, proxy)));
			TestApplication.sleep(LEASE);
			assertThat(proxy.acceptedConnections()).isPositive();
			assertThat(node.command("leads stalled").result()).isEqualTo("false");
			assertThat(node.reports().events()).isEmpty();
			proxy.pass();
			node.awaitGranted(0, "stalled");
			early.assertPromises();
		}
	}

	@Test
	void nobodyLeadsWhileTheServerIsStopped() {
		outage(PostgresServer::stop, PostgresServer::start);
	}

	@Test
	void nobodyLeadsWhileTheServerIsKilled() {
		outage(PostgresServer::kill, PostgresServer::start);
	}

	@Test
	void nobodyLeadsWhileTheServerHangs() {
		outage(PostgresServer::pause, PostgresServer::resume);
	}

	@Test
	void electionsGoOnAfterARestart() {
		cluster.awaitLeader(ELECTION);
		database.server().restart();
		cluster.assertThatElectionGoesOn(ELECTION);
		cluster.assertPromises();
	}

	@Test
	void electionsGoOnAfterAnAdministratorKilledTheSessions() {
		Node leader = cluster.awaitLeader(ELECTION);
		int mark = leader.mark();
		assertThat(database.server()
			.query("select count(pg_terminate_backend(pid)) from pg_stat_activity where backend_type = 'client backend'"
					+ " and pid <> pg_backend_pid()"))
			.isNotEqualTo("0");
		TestApplication.sleep(LEASE);
		// There was time enough to renew the lease over another connection
		assertThat(leader.command("leads " + ELECTION).result()).isEqualTo("true");
		assertThat(leader.process().lines().stream().skip(mark)).noneMatch((line) -> line.startsWith("@revoked "));
		cluster.assertThatElectionGoesOn(ELECTION);
		cluster.assertPromises();
	}

	private static void outage(Fault begin, Fault end) {
		Node leader = cluster.awaitLeader(ELECTION);
		int mark = leader.mark();
		begin.happenTo(database.server());
		assertThat(leader.awaitRevoked(mark, ELECTION).detail()).isEqualTo("EXPIRED");
		assertThat(leader.command("leads " + ELECTION).result()).isEqualTo("false");
		TestApplication.sleep(LEASE);
		long since = System.nanoTime();
		assertThat(leader.command("leads " + ELECTION).result()).isEqualTo("false");
		end.happenTo(database.server());
		cluster.awaitGranted(ELECTION, since);
		cluster.assertThatElectionGoesOn(ELECTION);
		cluster.assertPromises();
	}

	private interface Fault {

		void happenTo(PostgresServer server);

	}

}
