package io.election.testing.servers;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

import io.election.testing.servers.FaultProxy.Direction;
import io.election.testing.servers.FaultProxy.Flow;
import io.election.testing.servers.FaultProxy.Swallow;
import org.jspecify.annotations.Nullable;

/**
 * The faults that a {@link FaultProxy} has in force, and what it has delivered. Belongs
 * to the proxy's thread.
 */
final class ProxyConditions {

	private final Map<Direction, Flow> flows = new EnumMap<>(Direction.class);

	private final Map<Direction, Long> delivered = new EnumMap<>(Direction.class);

	private long delayNanos;

	private @Nullable Swallow swallow;

	void reset() {
		this.flows.clear();
		this.delayNanos = 0;
		if (this.swallow != null) {
			this.swallow.done().cancel(false);
			this.swallow = null;
		}
	}

	void set(Direction direction, Flow flow) {
		this.flows.put(direction, flow);
	}

	Flow flow(Direction direction) {
		return this.flows.getOrDefault(direction, Flow.PASS);
	}

	void delay(Duration delay) {
		this.delayNanos = delay.toNanos();
	}

	long delayNanos() {
		return this.delayNanos;
	}

	void swallow(Swallow next) {
		if (this.swallow != null) {
			throw new IllegalStateException("A reply is to be swallowed already");
		}
		this.swallow = next;
	}

	/**
	 * Return the reply to swallow if this is the request it answers; each is returned
	 * once.
	 * @param request the request
	 * @return the reply to swallow
	 */
	@Nullable Swallow takeSwallowed(byte[] request) {
		Swallow candidate = this.swallow;
		if (candidate == null) {
			return null;
		}
		try {
			if (!candidate.request().test(request)) {
				return null;
			}
		}
		catch (RuntimeException ex) {
			// The predicate is the caller's, who is told
			candidate.done().completeExceptionally(ex);
		}
		this.swallow = null;
		return candidate.done().isDone() ? null : candidate;
	}

	void delivered(Direction direction, long bytes) {
		this.delivered.merge(direction, bytes, Long::sum);
	}

	long delivered(Direction direction) {
		return this.delivered.getOrDefault(direction, 0L);
	}

}
