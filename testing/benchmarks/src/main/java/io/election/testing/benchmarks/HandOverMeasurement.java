package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.testing.integration.ElectionBackend;
import io.election.testing.integration.ElectionServer;
import io.election.testing.integration.Node;
import io.election.testing.servers.PostgresServer;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/**
 * How long nobody leads when the leader leaves on purpose: from the call of
 * {@code resign()}, or of {@code close()} on its context, to the call of the listener of
 * the granted event in another process. Lease 15 s, renew deadline 10 s, retry period 2
 * s.
 *
 * @see HandOverLimit
 */
public final class HandOverMeasurement {

	private static final Duration LEASE = Duration.ofSeconds(15);

	/** A machine that has been idle for a while wakes up slowly. */
	private static final List<Duration> PAUSES = List.of(Duration.ofMillis(10), Duration.ofMillis(100));

	private static final int WARM_UP = 100;

	private static final int ROUNDS = 30;

	private HandOverMeasurement() {
	}

	/**
	 * Measures.
	 * @param args the backend, {@code postgres} by default
	 * @throws Exception if the server fails
	 */
	public static void main(String[] args) throws Exception {
		try (ElectionServer server = ElectionBackend.of(args).newServer()) {
			server.server().start();
			if (server.server() instanceof PostgresServer postgres) {
				for (Duration pause : PAUSES) {
					System.out.println("the least on this machine" + after(pause)
							+ HandOverLimit.measure(postgres, ROUNDS, pause));
				}
			}
			for (Duration pause : PAUSES) {
				resign(server.properties("resign", LEASE), pause);
			}
			close(server.properties("close", LEASE));
		}
		System.exit(0);
	}

	private static String after(Duration pause) {
		return ", " + pause.toMillis() + " ms after the last:  ";
	}

	private static void resign(List<String> properties, Duration pause) {
		Figures handOver = new Figures();
		try (Node first = Nodes.measured("first", properties).start()) {
			first.awaitGranted(0, "resign");
			resign(first, Nodes.measured("second", properties).start(), pause, handOver);
		}
		System.out.println("resign() -> granted elsewhere" + after(pause) + handOver);
	}

	private static void resign(Node first, Node second, Duration pause, Figures handOver) {
		try (second) {
			second.awaitEvent(0, (event) -> event.election().equals("resign"));
			Node leader = first;
			for (int round = 0; round < WARM_UP + ROUNDS; round++) {
				Node other = (leader == first) ? second : first;
				Nodes.sleep(pause);
				int mark = other.mark();
				long begin = leader.command("resign resign").begin();
				long granted = other.awaitGranted(mark, "resign").at();
				if (round >= WARM_UP) {
					handOver.addNanos(granted - begin);
				}
				leader = other;
			}
		}
	}

	private static void close(List<String> properties) {
		Figures handOver = new Figures();
		Figures close = new Figures();
		int revokedBeforeReturn = 0;
		try (Node other = Nodes.measured("other", properties).start()) {
			other.awaitGranted(0, "close");
			other.awaitReady();
			for (int round = 0; round < WARM_UP + ROUNDS; round++) {
				Closed closed = closeAsLeader(properties, other);
				if (round >= WARM_UP) {
					handOver.addNanos(closed.granted() - closed.begin());
					close.addNanos(closed.end() - closed.begin());
					revokedBeforeReturn += closed.revokedBeforeReturn() ? 1 : 0;
				}
			}
		}
		System.out.println("close() -> granted event elsewhere:    " + handOver);
		System.out.println("close() -> close() returns:            " + close);
		System.out
			.println("revoked delivered before it returns:   " + revokedBeforeReturn + " of " + ROUNDS + " rounds");
	}

	private static Closed closeAsLeader(List<String> properties, Node other) {
		List<String> arguments = new ArrayList<>(List.of("--spring.main.banner-mode=off", "--logging.level.root=warn"));
		properties.forEach((property) -> arguments.add("--" + property));
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.run(arguments.toArray(String[]::new));
		Listener listener = context.getBean(Listener.class);
		// Whoever resigns lets others in, for a lease at most
		while (context.getBean(LeaderElection.class).leader().isEmpty()) {
			Nodes.sleep(Duration.ofMillis(5));
		}
		other.command("resign close");
		listener.awaitGranted();
		Nodes.sleep(Duration.ofMillis(100));
		int mark = other.mark();
		long begin = System.nanoTime();
		context.close();
		long end = System.nanoTime();
		boolean revoked = listener.revoked;
		return new Closed(begin, end, other.awaitGranted(mark, "close").at(), revoked);
	}

	private record Closed(long begin, long end, long granted, boolean revokedBeforeReturn) {
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Listener listener() {
			return new Listener();
		}

	}

	static class Listener {

		private final CountDownLatch granted = new CountDownLatch(1);

		private volatile boolean revoked;

		@EventListener
		void on(LeadershipGrantedEvent event) {
			this.granted.countDown();
		}

		@EventListener
		void on(LeadershipRevokedEvent event) {
			this.revoked = true;
		}

		private void awaitGranted() {
			try {
				if (!this.granted.await(Node.LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
					throw new IllegalStateException("Not granted within " + Node.LIMIT);
				}
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
