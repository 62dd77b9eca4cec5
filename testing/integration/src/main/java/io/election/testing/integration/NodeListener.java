package io.election.testing.integration;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import io.election.ElectionEvent;
import io.election.Leader;
import io.election.LeaderChangedEvent;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.context.event.EventListener;

/**
 * Reports events, and blocks where it is told to.
 */
class NodeListener {

	private final NodeOutput output;

	private final AtomicReference<@Nullable Duration> blockGranted = new AtomicReference<>();

	private final AtomicReference<@Nullable Duration> blockRevoked = new AtomicReference<>();

	NodeListener(NodeOutput output) {
		this.output = output;
	}

	/** Has the listener of the next granted event block. */
	void blockNextGranted(Duration time) {
		this.blockGranted.set(time);
	}

	/** Has the listener of the next revoked event block. */
	void blockNextRevoked(Duration time) {
		this.blockRevoked.set(time);
	}

	@EventListener
	void onGranted(LeadershipGrantedEvent event) {
		this.output.granted(System.nanoTime(), event.getElection(), event.getFencingToken(), leads(event));
		block("granted", this.blockGranted.getAndSet(null));
	}

	@EventListener
	void onRevoked(LeadershipRevokedEvent event) {
		this.output.revoked(System.nanoTime(), event.getElection(), event.getFencingToken(), event.getReason().name(),
				leads(event));
		block("revoked", this.blockRevoked.getAndSet(null));
	}

	@EventListener
	void onLeaderChanged(LeaderChangedEvent event) {
		this.output.leaderChanged(System.nanoTime(), event.getElection(), event.getFencingToken(),
				event.getCurrent().map(Leader::candidateId).orElse(null), leads(event));
	}

	private static boolean leads(ElectionEvent event) {
		return ((LeaderElection) event.getSource()).isLeader();
	}

	/** Like user code that hangs: not even an interrupt helps. */
	private void block(String event, @Nullable Duration time) {
		if (time == null) {
			return;
		}
		long start = System.nanoTime();
		while (System.nanoTime() - start < time.toNanos()) {
			LockSupport.parkNanos(time.toNanos() - (System.nanoTime() - start));
		}
		this.output.unblocked(event);
	}

}
