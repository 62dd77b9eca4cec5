package io.election.samples.forwarding;

import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import io.election.testing.servers.Background;
import org.awaitility.Awaitility;

/**
 * Replaces three replicas under load, one after the other and the leader first, and looks
 * whether a request was lost and in which order the leaders shut down.
 * <p>
 * Ends by itself, with status 0 if all went well. No process outlives this one.
 */
public final class RollingRestart {

	private static final int CLIENTS = 6;

	private static final int FEW = 100;

	private static final int SIGTERM_STATUS = 128 + 15;

	/** How long all replicas are at work between two stops. */
	private static final Duration CALM = Duration.ofMillis(500);

	/** How long a leader that is stopped has to wait for its work. */
	private static final Duration HELD_UP = Duration.ofMillis(300);

	/** Work is held up on purpose, and machines that run tests may be slow. */
	private static final String[] PATIENT = { "--orders.linger=5s",
			"--spring.datasource.hikari.connection-timeout=10000", "--spring.transaction.default-timeout=30s",
			"--spring.http.clients.connect-timeout=10s", "--spring.http.clients.read-timeout=60s" };

	private static final List<ShutdownStep> LEADER_STEPS = List.of(ShutdownStep.values());

	private static final List<ShutdownStep> FOLLOWER_STEPS = List.of(ShutdownStep.READINESS_DOWN, ShutdownStep.ANSWERED,
			ShutdownStep.DRAINED);

	private final PrintStream out;

	private final Transcript transcript;

	private final LoadBalancer balancer = new LoadBalancer();

	private final Clients clients = new Clients(this.balancer);

	private final List<String> faults = new ArrayList<>();

	private int leadersStopped;

	RollingRestart(PrintStream out) {
		this.out = out;
		this.transcript = new Transcript(out);
	}

	public static void main(String[] args) throws Exception {
		System.exit(new RollingRestart(System.out).run().isEmpty() ? 0 : 1);
	}

	/**
	 * Do it.
	 * @return what went wrong
	 */
	List<String> run() throws Exception {
		this.out.println("Replaces three replicas under load, the leader first. Takes about half a minute.");
		this.out.println();
		try (Replicas replicas = new Replicas(this.transcript::log, PATIENT)) {
			OrderDatabase database = new OrderDatabase(replicas.database());
			replicas.startAll("replica-1", "replica-2", "replica-3");
			List<Replica> first = new ArrayList<>(replicas.running());
			first.forEach(this.balancer::add);
			this.transcript.tell(CLIENTS + " clients begin to order");
			this.clients.start(CLIENTS);
			for (int i = 1; !first.isEmpty(); i++) {
				Thread.sleep(CALM.toMillis());
				Replica leader = replicas.awaitLeader();
				Replica stopped = first.contains(leader) ? leader : first.get(0);
				first.remove(stopped);
				replace(replicas, database, stopped, stopped == leader, "replica-" + (3 + i));
			}
			Thread.sleep(CALM.toMillis());
			this.clients.stop();
			checkOrders(database.orders());
		}
		this.out.println();
		this.faults.forEach((fault) -> this.out.println("WRONG  " + fault));
		return this.faults;
	}

	private void replace(Replicas replicas, OrderDatabase database, Replica stopped, boolean leads, String successor)
			throws Exception {
		CompletableFuture<HttpResponse<String>> slow;
		Replica replacement;
		try (Connection slowRequests = database.holdSlowRequests()) {
			slow = Background.call(() -> stopped.get("/slow"));
			stopped.awaitLog("Slow request begins");
			replicas.remove(stopped);
			if (leads) {
				stopLeader(database, stopped);
			}
			else {
				this.transcript.tell("kill " + stopped + ", which answers a slow request");
				stopped.process().sigterm();
			}
			replacement = replicas.start(successor);
			stopped.awaitLog("Commencing graceful shutdown");
		}
		check(slow.join().statusCode() == 200, stopped + " did not answer the slow request");
		check(stopped.awaitExit() == SIGTERM_STATUS, stopped + " ended otherwise than by SIGTERM");
		this.balancer.add(replacement);
		this.transcript.print();
		List<ShutdownStep> steps = ShutdownStep.in(stopped.process().lines());
		check(steps.equals(leads ? LEADER_STEPS : FOLLOWER_STEPS), stopped + " shut down in this order: " + steps);
	}

	/** Stops a leader while it works: its lease is not given back before it is done. */
	private void stopLeader(OrderDatabase database, Replica leader) throws SQLException, InterruptedException {
		this.leadersStopped++;
		try (Connection work = database.holdWork()) {
			Awaitility.await().until(database::hasWorkHeld);
			this.transcript.tell("kill " + leader + ", which leads, numbers an order, and answers a slow request");
			leader.process().sigterm();
			leader.awaitLog("Leads no more");
			Thread.sleep(HELD_UP.toMillis());
			check(database.hasWorkHeld() && !leader.hasLogged(" is finished"), leader + " did not wait for its work");
			this.transcript.tell("the work of " + leader + " may go on");
		}
	}

	private void checkOrders(List<Order> orders) {
		Map<?, Order> answered = this.clients.answered();
		this.clients.lost().forEach((lost) -> this.faults.add("Lost: " + lost));
		check(answered.size() > FEW, "There was no load");
		check(this.leadersStopped > 1, "No second leader was stopped");
		check(answered.equals(orders.stream().collect(Collectors.toMap(Order::id, (order) -> order))),
				"The database has other orders than were answered");
		check(orders.stream()
			.map(Order::number)
			.toList()
			.equals(LongStream.rangeClosed(1, orders.size()).boxed().toList()), "The numbers have gaps");
		List<Long> tokens = orders.stream().map(Order::fencingToken).toList();
		check(tokens.equals(tokens.stream().sorted().toList()), "A leader of the past has numbered orders");
		print("%,d requests: %,d answered at once, %,d after 503 with Retry-After (%,d times), %,d lost",
				answered.size() + this.clients.lost().size(), answered.size() - this.clients.repeated(),
				this.clients.repeated(), this.clients.repetitions(), this.clients.lost().size());
		print("%,d orders, by their numbers of the terms %s", orders.size(),
				tokens.stream().distinct().map(String::valueOf).collect(Collectors.joining(", ")));
	}

	private void print(String format, Object... arguments) {
		this.out.println(String.format(Locale.ROOT, format, arguments));
	}

	private void check(boolean condition, String fault) {
		if (!condition) {
			this.faults.add(fault);
		}
	}

}
