package io.election.samples.quickstart;

import io.election.LeaderElection;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Lets an operator move leadership to another replica, for instance before maintenance.
 */
@RestController
class ResignController {

	private final LeaderElection election;

	ResignController(LeaderElection election) {
		this.election = election;
	}

	@PostMapping("/resign")
	ResponseEntity<String> resign() {
		if (!this.election.isLeader()) {
			return ResponseEntity.status(HttpStatus.CONFLICT)
				.body("%s does not lead%n".formatted(this.election.candidateId()));
		}
		this.election.resign();
		return ResponseEntity.accepted().body("%s resigns%n".formatted(this.election.candidateId()));
	}

}
