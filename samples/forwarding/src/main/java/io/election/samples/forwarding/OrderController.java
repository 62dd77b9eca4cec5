package io.election.samples.forwarding;

import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Takes orders on every replica. The leader numbers them.
 */
@RestController
class OrderController {

	private final LeaderWork leaderWork;

	private final OrderBook orders;

	private final LeaderClient leader;

	OrderController(LeaderWork leaderWork, OrderBook orders, LeaderClient leader) {
		this.leaderWork = leaderWork;
		this.orders = orders;
		this.leader = leader;
	}

	@PostMapping("/orders/{id}")
	@Nullable Order number(@PathVariable UUID id,
			@RequestHeader(name = LeaderClient.FORWARDED_BY, required = false) @Nullable String forwardedBy) {
		Optional<Order> order = this.leaderWork
			.attempt((leadership) -> this.orders.number(id, leadership.fencingToken()));
		if (order.isPresent()) {
			return order.get();
		}
		if (forwardedBy != null) {
			// Never twice, or two replicas that take each other for the leader would go
			// on for ever
			throw new TryAgainException("This replica does not lead, as " + forwardedBy + " thought");
		}
		if (this.leaderWork.leads()) {
			throw new TryAgainException("This replica leads, but a later leader has written");
		}
		return this.leader.number(id);
	}

}
