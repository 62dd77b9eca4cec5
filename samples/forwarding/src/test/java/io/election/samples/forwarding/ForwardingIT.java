package io.election.samples.forwarding;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three replicas, of which the leader does the work, whichever is asked.
 */
class ForwardingIT {

	private static Replicas replicas;

	@BeforeAll
	static void start() {
		replicas = new Replicas((line) -> {
		}, "--management.endpoint.leadership.access=unrestricted");
		replicas.startAll("replica-1", "replica-2", "replica-3");
	}

	@AfterAll
	static void stop() {
		replicas.close();
	}

	@Test
	void theLeaderDoesTheWorkWhicheverReplicaIsAsked() throws IOException {
		assertTheLeaderNumbersOrders();
	}

	@Test
	void soDoesTheNextLeaderAfterAResignation() throws IOException {
		Replica former = replicas.awaitLeader();
		long formerToken = token(former);
		assertThat(former.act("resign").statusCode()).isEqualTo(200);
		former.awaitLog("The work of token " + formerToken + " is finished");
		Replica leader = replicas.awaitLeader();
		assertThat(leader).isNotSameAs(former);
		assertThat(token(leader)).isGreaterThan(formerToken);
		assertTheLeaderNumbersOrders();
	}

	@Test
	void anOrderKeepsItsNumberWhenTheRequestIsRepeated() throws IOException {
		UUID id = UUID.randomUUID();
		Set<Order> answers = new HashSet<>();
		for (Replica replica : replicas.running()) {
			answers.add(order(replica.order(id)));
		}
		assertThat(answers).hasSize(1);
	}

	@Test
	void whileNobodyLeadsClientsAreToTryAgain() throws IOException {
		try {
			for (Replica replica : replicas.running()) {
				assertThat(replica.act("pause").statusCode()).isEqualTo(200);
			}
			replicas.awaitNoLeader();
			for (Replica replica : replicas.running()) {
				assertTryAgain(replica.order(UUID.randomUUID()), "Nobody leads");
			}
		}
		finally {
			for (Replica replica : replicas.running()) {
				assertThat(replica.act("resume").statusCode()).isEqualTo(200);
			}
		}
		assertTheLeaderNumbersOrders();
	}

	@Test
	void aFollowerDoesNotForwardWhatWasForwardedToIt() throws IOException {
		for (Replica follower : replicas.followers()) {
			assertTryAgain(follower.forwardedOrder(UUID.randomUUID()), "This replica does not lead, as test thought");
		}
	}

	@Test
	void aLeaderThatALaterOneHasOvertakenNumbersNothing() throws IOException {
		Replica leader = replicas.awaitLeader();
		long token = token(leader);
		fence(token + 1);
		UUID id = UUID.randomUUID();
		try {
			assertTryAgain(leader.forwardedOrder(id), "This replica does not lead");
			for (Replica follower : replicas.followers()) {
				assertTryAgain(follower.order(id), leader + " does not lead any more");
			}
			assertThat(replicas.database().query("select count(*) from orders where id = '" + id + "'")).isEqualTo("0");
		}
		finally {
			fence(token);
		}
	}

	@Test
	void aLeaderThatDoesNotAnswerIsWaitedForNoLongerThanConfigured() throws IOException {
		Replica leader = replicas.awaitLeader();
		Replica follower = replicas.followers().get(0);
		leader.process().sigstop();
		try {
			HttpResponse<String> response = follower.order(UUID.randomUUID());
			assertThat(response.statusCode()).isEqualTo(502);
			assertThat(response.body()).contains("The leader " + leader + " does not answer as it should");
		}
		finally {
			leader.process().sigcont();
		}
		assertTheLeaderNumbersOrders();
	}

	private static void assertTheLeaderNumbersOrders() throws IOException {
		long token = token(replicas.awaitLeader());
		long before = 0;
		for (Replica replica : replicas.running()) {
			Order order = order(replica.order(UUID.randomUUID()));
			assertThat(order.fencingToken()).isEqualTo(token);
			assertThat(order.number()).isGreaterThan(before);
			before = order.number();
		}
	}

	private static void assertTryAgain(HttpResponse<String> response, String reason) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
		assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
		assertThat(response.body()).contains(reason);
	}

	private static Order order(HttpResponse<String> response) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return JsonMapper.shared().readValue(response.body(), Order.class);
	}

	private static long token(Replica leader) {
		return leader.report().at("/leadership/fencingToken").asLong();
	}

	private static void fence(long token) {
		replicas.database().execute("update order_fence set fencing_token = " + token);
	}

}
