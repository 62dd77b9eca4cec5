package io.election.samples.quickstart;

import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Says when this replica becomes the leader and when it stops being the leader.
 * <p>
 * This is also how to start and stop what only the leader may run, such as a consumer:
 * nobody else leads before the listener of the revoked event has finished, unless it
 * takes longer than the lease lasts.
 */
@Component
class LeadershipLog {

	private static final Logger logger = LoggerFactory.getLogger(LeadershipLog.class);

	@EventListener
	void onGranted(LeadershipGrantedEvent event) {
		logger.info("{} leads '{}' with token {}", event.getCandidateId(), event.getElection(),
				event.getFencingToken());
	}

	@EventListener
	void onRevoked(LeadershipRevokedEvent event) {
		logger.info("{} no longer leads '{}' with token {}: {}", event.getCandidateId(), event.getElection(),
				event.getFencingToken(), event.getReason());
	}

}
