package io.election.runtime;

import java.util.function.Consumer;

import io.election.ElectionEvent;
import io.election.Leader;
import io.election.LeaderChangedEvent;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipListener;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Tells listeners what happens to one candidate: the only place that calls user code. All
 * of it runs on the candidate's queue, so that listeners see events in order, one at a
 * time.
 */
final class Announcer {

	private static final Log logger = LogFactory.getLog(Announcer.class);

	private final DefaultLeaderElection election;

	private final ApplicationEventPublisher publisher;

	private final SerialQueue queue;

	/** The term that listeners were told of and that has not been revoked since. */
	private volatile @Nullable Leadership announced;

	/** The leader that listeners were told of. Confined to the queue. */
	private @Nullable Leader leader;

	Announcer(DefaultLeaderElection election, ApplicationEventPublisher publisher, SerialQueue queue) {
		this.election = election;
		this.publisher = publisher;
		this.queue = queue;
	}

	/** Announces a term, unless it is over when its turn comes. */
	void granted(Leadership leadership) {
		this.queue.add(() -> {
			if (this.election.leads(leadership)) {
				this.announced = leadership;
				publish(new LeadershipGrantedEvent(this.election, leadership));
				tell((subscriber) -> subscriber.granted(leadership));
			}
		});
	}

	/**
	 * Announces the end of a term, if its begin was; then, in any case, runs the task.
	 */
	void revoked(Leadership leadership, RevocationReason reason, Runnable finished) {
		this.queue.add(() -> {
			if (leadership.equals(this.announced)) {
				this.announced = null;
				publish(new LeadershipRevokedEvent(this.election, leadership, reason));
				tell((subscriber) -> subscriber.revoked(leadership, reason));
			}
		}, finished);
	}

	/** Announces that another leads, or nobody. */
	void leaderChanged(@Nullable Leader previous, @Nullable Leader current) {
		this.queue.add(() -> {
			this.leader = current;
			publish(new LeaderChangedEvent(this.election, previous, current));
			tell((subscriber) -> subscriber.leaderChanged(previous, current));
		});
	}

	/** Tells a new subscriber where things stand, unless events have told it since. */
	void catchUp(Subscriber subscriber) {
		this.queue.add(() -> {
			Leadership current = this.announced;
			if (current != null && !current.equals(subscriber.told) && this.election.leads(current)) {
				tell(subscriber, (late) -> late.granted(current));
			}
			Leader known = this.leader;
			if (known != null && !subscriber.knowsLeader) {
				tell(subscriber, (late) -> late.leaderChanged(null, known));
			}
		});
	}

	/** Tells nothing any more. A listener that still runs is not waited for. */
	void close() {
		this.queue.close();
		Leadership dropped = this.announced;
		if (dropped != null) {
			logger.warn("Election '" + dropped.election() + "': the end of the term with token "
					+ dropped.fencingToken() + " was not announced, because a listener still runs");
		}
	}

	private void publish(ElectionEvent event) {
		try {
			this.publisher.publishEvent(event);
		}
		catch (Throwable ex) { // of a listener: must cost neither subscribers nor later
								// events
			logger.error("Election '" + event.getElection() + "': a listener of " + event.getClass().getSimpleName()
					+ " failed", ex);
		}
	}

	private void tell(Consumer<Subscriber> call) {
		this.election.subscribers().forEach((subscriber) -> tell(subscriber, call));
	}

	private void tell(Subscriber subscriber, Consumer<Subscriber> call) {
		try {
			call.accept(subscriber);
		}
		catch (Throwable ex) { // the same as for an event
			logger.error("Election '" + this.election.name() + "': a subscribed listener failed", ex);
		}
	}

	/** A subscribed listener, and what it was told of last. */
	static final class Subscriber {

		private final LeadershipListener listener;

		private volatile boolean closed;

		private volatile @Nullable Leadership told;

		private volatile boolean knowsLeader;

		Subscriber(LeadershipListener listener) {
			this.listener = listener;
		}

		void close() {
			this.closed = true;
		}

		private void granted(Leadership leadership) {
			if (!this.closed) {
				this.told = leadership;
				this.listener.onGranted(leadership);
			}
		}

		private void revoked(Leadership leadership, RevocationReason reason) {
			if (!this.closed && leadership.equals(this.told)) {
				this.told = null;
				this.listener.onRevoked(leadership, reason);
			}
		}

		private void leaderChanged(@Nullable Leader previous, @Nullable Leader current) {
			this.knowsLeader = true;
			if (!this.closed) {
				this.listener.onLeaderChanged(previous, current);
			}
		}

	}

}
