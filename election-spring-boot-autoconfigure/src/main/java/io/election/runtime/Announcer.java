package io.election.runtime;

import java.time.Duration;
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

	private final Observers observers;

	/** The term that listeners were told of and that has not been revoked since. */
	private volatile @Nullable Leadership announced;

	/** The thread that tells of the end of a term at this moment. */
	private volatile @Nullable Thread tellingEnd;

	/** The leader that listeners were told of. Confined to the queue. */
	private @Nullable Leader leader;

	/** Whether such a thread has stopped elections, and now must not wait for itself. */
	private volatile boolean stoppedWithin;

	private volatile boolean closed;

	Announcer(DefaultLeaderElection election, ApplicationEventPublisher publisher, SerialQueue queue,
			Observers observers) {
		this.election = election;
		this.publisher = publisher;
		this.queue = queue;
		this.observers = observers;
	}

	/** Announces a term, unless it is over when its turn comes. */
	void granted(Leadership leadership) {
		this.queue.add(() -> {
			if (this.election.leads(leadership)) {
				this.announced = leadership;
				publish(new LeadershipGrantedEvent(this.election, leadership));
				this.election.subscribers().forEach((subscriber) -> granted(subscriber, leadership));
			}
		});
	}

	/**
	 * Unless one in front of it has stopped elections meanwhile, so that the end of the
	 * term was told already.
	 */
	private void granted(Subscriber subscriber, Leadership leadership) {
		if (leadership.equals(this.announced)) {
			tell(subscriber, (listening) -> listening.granted(leadership));
		}
	}

	/**
	 * Announces the end of a term, if its begin was; then, in any case, runs the task.
	 */
	void revoked(Leadership leadership, RevocationReason reason, Runnable finished) {
		this.queue.add(() -> {
			if (leadership.equals(this.announced)) {
				this.announced = null;
				this.tellingEnd = Thread.currentThread();
				publish(new LeadershipRevokedEvent(this.election, leadership, reason));
				tell((subscriber) -> subscriber.revoked(leadership, reason));
				this.tellingEnd = null;
			}
			finished.run();
		});
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

	/** Whether there is something to tell, or a listener has not returned. */
	boolean isTelling() {
		return this.queue.isActive();
	}

	/** Runs the task when all that there was to tell by now was told. */
	void whenTold(Runnable task) {
		this.queue.add(task);
	}

	/**
	 * Called when elections stop.
	 * @param caller the thread that stops them
	 * @return whether it is a listener's of the end of a term, which cannot be waited for
	 * then
	 */
	boolean isStoppedWithin(Thread caller) {
		this.stoppedWithin |= this.tellingEnd == caller;
		return this.stoppedWithin;
	}

	/**
	 * Tells nothing any more, except for the end of a term to the rest of its listeners
	 * if one of them has stopped elections. A listener that still runs is not waited for.
	 */
	void close() {
		this.closed = !this.stoppedWithin;
		this.queue.close();
		Leadership dropped = this.announced;
		if (dropped != null) {
			logger.warn("Election '" + dropped.election() + "': the end of the term with token "
					+ dropped.fencingToken() + " was not announced, because a listener still runs");
		}
		if (this.tellingEnd != null) {
			logger.warn("Election '" + this.election.name()
					+ "': the lease was not given back and has to run out, because a listener still runs");
		}
	}

	private void publish(ElectionEvent event) {
		if (!this.closed) {
			long begin = System.nanoTime();
			boolean done = Safely.run(logger, "Election '" + event.getElection() + "': a listener of "
					+ event.getClass().getSimpleName() + " failed", () -> this.publisher.publishEvent(event));
			this.observers.listened(event, Duration.ofNanos(System.nanoTime() - begin), !done);
		}
	}

	private void tell(Consumer<Subscriber> call) {
		this.election.subscribers().forEach((subscriber) -> tell(subscriber, call));
	}

	private void tell(Subscriber subscriber, Consumer<Subscriber> call) {
		if (!this.closed) {
			Safely.run(logger, "Election '" + this.election.name() + "': a subscribed listener failed",
					() -> call.accept(subscriber));
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
