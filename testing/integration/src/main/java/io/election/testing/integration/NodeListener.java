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

	private final AtomicReference<@Nullable Runnable> onNextGranted = new AtomicReference<>();

	private final AtomicReference<@Nullable Runnable> onNextRevoked = new AtomicReference<>();

	NodeListener(NodeOutput output) {
		this.output = output;
	}

	/** Has the listener of the next granted event do something. */
	void onNextGranted(Runnable action) {
		this.onNextGranted.set(action);
	}

	/** Has the listener of the next revoked event do something. */
	void onNextRevoked(Runnable action) {
		this.onNextRevoked.set(action);
	}

	/** Does nothing for some time, like user code that hangs: no interrupt helps. */
	void block(Duration time) {
		long start = System.nanoTime();
		long left = time.toNanos();
		while (left > 0) {
			LockSupport.parkNanos(left);
			left = time.toNanos() - (System.nanoTime() - start);
		}
		this.output.unblocked();
	}

	@EventListener
	void onGranted(LeadershipGrantedEvent event) {
		this.output.granted(System.nanoTime(), event.getElection(), event.getFencingToken(), leads(event));
		run(this.onNextGranted.getAndSet(null));
	}

	@EventListener
	void onRevoked(LeadershipRevokedEvent event) {
		this.output.revoked(System.nanoTime(), event.getElection(), event.getFencingToken(), event.getReason().name(),
				leads(event));
		run(this.onNextRevoked.getAndSet(null));
	}

	@EventListener
	void onLeaderChanged(LeaderChangedEvent event) {
		this.output.leaderChanged(System.nanoTime(), event.getElection(), event.getFencingToken(),
				event.getCurrent().map(Leader::candidateId).orElse(null), leads(event));
	}

	private static boolean leads(ElectionEvent event) {
		return ((LeaderElection) event.getSource()).isLeader();
	}

	private static void run(@Nullable Runnable action) {
		if (action != null) {
			action.run();
		}
	}

}
