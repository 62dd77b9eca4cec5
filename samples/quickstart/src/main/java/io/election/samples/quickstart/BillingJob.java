package io.election.samples.quickstart;

import io.election.LeaderElection;
import io.election.Leadership;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Runs on every replica, and works on the leader only.
 */
@Component
class BillingJob {

	private static final Logger logger = LoggerFactory.getLogger(BillingJob.class);

	private final LeaderElection election;

	private final BillingLedger ledger;

	BillingJob(LeaderElection election, BillingLedger ledger) {
		this.election = election;
		this.ledger = ledger;
	}

	@Scheduled(fixedRateString = "500ms")
	void run() {
		if (this.election.isLeader()) {
			// Empty if the term has ended since the line above
			this.election.leadership().ifPresent(this::bill);
		}
	}

	private void bill(Leadership leadership) {
		if (this.ledger.book(leadership.fencingToken())) {
			logger.info("Billed, with token {}", leadership.fencingToken());
		}
		else {
			logger.warn("A later leader has billed already: token {} is refused", leadership.fencingToken());
		}
	}

}
