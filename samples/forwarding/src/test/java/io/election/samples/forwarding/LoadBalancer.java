package io.election.samples.forwarding;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;

/**
 * Sends requests to the replicas that are ready, in turn. It asks for their readiness
 * again and again, and repeats no request.
 */
final class LoadBalancer {

	private static final Duration INTERVAL = Duration.ofMillis(100);

	private final List<Replica> ready = new CopyOnWriteArrayList<>();

	private final AtomicInteger turn = new AtomicInteger();

	/**
	 * Wait until a replica is ready, and send requests to it until it is so no more.
	 * @param replica the replica
	 */
	void add(Replica replica) {
		replica.awaitStart();
		Awaitility.await().until(() -> isReady(replica));
		this.ready.add(replica);
		Thread checker = new Thread(() -> check(replica), "checks-of-" + replica);
		checker.setDaemon(true);
		checker.start();
	}

	/** The replica for the next request, empty if none is ready. */
	Optional<Replica> next() {
		List<Replica> candidates = List.copyOf(this.ready);
		return candidates.isEmpty() ? Optional.empty()
				: Optional.of(candidates.get(Math.floorMod(this.turn.getAndIncrement(), candidates.size())));
	}

	private void check(Replica replica) {
		try {
			while (isReady(replica)) {
				Thread.sleep(INTERVAL.toMillis());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.ready.remove(replica);
	}

	private static boolean isReady(Replica replica) {
		try {
			return replica.get("/actuator/health/readiness").statusCode() == 200;
		}
		catch (IOException ex) {
			// It does not even answer
			return false;
		}
	}

}
