package io.election.samples.forwarding;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.election.testing.servers.Background;
import tools.jackson.databind.json.JsonMapper;

/**
 * Clients that order without a pause worth mentioning. A request that is answered with
 * 503 and {@code Retry-After} is repeated as asked for: nothing was done. A request that
 * gets any other answer than 200, or none, is lost, and is not repeated.
 */
final class Clients {

	private static final Duration PAUSE = Duration.ofMillis(10);

	private final LoadBalancer balancer;

	private final List<CompletableFuture<Boolean>> clients = new ArrayList<>();

	private final Map<UUID, Order> answered = new ConcurrentHashMap<>();

	private final List<String> lost = new CopyOnWriteArrayList<>();

	private final AtomicInteger repeated = new AtomicInteger();

	private final AtomicInteger repetitions = new AtomicInteger();

	private volatile boolean enough;

	Clients(LoadBalancer balancer) {
		this.balancer = balancer;
	}

	void start(int number) {
		for (int i = 0; i < number; i++) {
			this.clients.add(Background.call(this::run));
		}
	}

	/** Returns when all requests under way are answered or lost. */
	void stop() {
		this.enough = true;
		this.clients.forEach(CompletableFuture::join);
	}

	Map<UUID, Order> answered() {
		return this.answered;
	}

	/** What became of requests that were lost. */
	List<String> lost() {
		return this.lost;
	}

	/** How many requests were answered only after 503 and {@code Retry-After}. */
	int repeated() {
		return this.repeated.get();
	}

	/** How often clients were answered with 503 and {@code Retry-After}. */
	int repetitions() {
		return this.repetitions.get();
	}

	private boolean run() throws InterruptedException {
		while (!this.enough) {
			order(UUID.randomUUID());
			Thread.sleep(PAUSE.toMillis());
		}
		return true;
	}

	private void order(UUID id) throws InterruptedException {
		for (boolean first = true;; first = false) {
			Optional<Replica> replica = this.balancer.next();
			if (replica.isEmpty()) {
				this.lost.add("no replica is ready");
				return;
			}
			Optional<String> retryAfter = order(replica.get(), id);
			if (retryAfter.isEmpty()) {
				return;
			}
			this.repetitions.incrementAndGet();
			this.repeated.addAndGet(first ? 1 : 0);
			Thread.sleep(Duration.ofSeconds(Long.parseLong(retryAfter.get())).toMillis());
		}
	}

	/** Sends a request; returns after how many seconds to repeat it, if it is to be. */
	private Optional<String> order(Replica replica, UUID id) {
		try {
			HttpResponse<String> response = replica.order(id);
			if (response.statusCode() == 200) {
				this.answered.put(id, JsonMapper.shared().readValue(response.body(), Order.class));
				return Optional.empty();
			}
			Optional<String> retryAfter = response.headers().firstValue("Retry-After");
			if (response.statusCode() != 503 || retryAfter.isEmpty()) {
				this.lost.add(replica + " answered " + response.statusCode() + ": " + response.body());
			}
			return retryAfter;
		}
		catch (IOException ex) {
			this.lost.add(replica + " did not answer: " + ex);
			return Optional.empty();
		}
	}

}
