package io.election.samples.forwarding;

import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * What is done on the leader only. The lease is given back when all of it is finished:
 * nobody else leads before, unless that takes longer than the lease lasts.
 */
@Component
class LeaderWork {

	private static final Logger logger = LoggerFactory.getLogger(LeaderWork.class);

	private final LeaderElection election;

	/** Shared by all work under way. */
	private final ReadWriteLock lock = new ReentrantReadWriteLock();

	LeaderWork(LeaderElection election) {
		this.election = election;
	}

	/**
	 * Does something if this replica leads.
	 * @param <T> what it gives
	 * @param work what to do in the given term; it gives nothing if the term turns out to
	 * be over
	 * @return the result, empty if this replica does not lead
	 */
	<T> Optional<T> attempt(Function<Leadership, Optional<T>> work) {
		if (!this.election.isLeader()) {
			return Optional.empty();
		}
		this.lock.readLock().lock();
		try {
			// Again: the term may have ended since, and nobody waits for work that comes
			// then
			return this.election.leadership().flatMap(work);
		}
		finally {
			this.lock.readLock().unlock();
		}
	}

	boolean leads() {
		return this.election.isLeader();
	}

	@EventListener
	void begin(LeadershipGrantedEvent event) {
		logger.info("Leads, with token {}", event.getFencingToken());
	}

	@EventListener
	void finish(LeadershipRevokedEvent event) {
		logger.info("Leads no more: {}. Finishes the work of token {}", event.getReason(), event.getFencingToken());
		this.lock.writeLock().lock();
		this.lock.writeLock().unlock();
		logger.info("The work of token {} is finished", event.getFencingToken());
	}

}
