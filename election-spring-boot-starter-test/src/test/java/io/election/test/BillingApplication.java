package io.election.test;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.election.ElectionEvent;
import io.election.LeaderChangedEvent;
import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The application under test.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
class BillingApplication {

	@Bean
	Story story() {
		return new Story();
	}

	/** What listeners were told. */
	static class Story {

		final List<String> events = new CopyOnWriteArrayList<>();

		/** Whether listeners take some time. */
		volatile boolean slow;

		@EventListener
		void listen(ElectionEvent event) {
			if (this.slow) {
				pause();
			}
			if (event instanceof LeadershipGrantedEvent) {
				this.events.add("granted " + event.getElection());
			}
			else if (event instanceof LeadershipRevokedEvent revoked) {
				this.events.add("revoked " + event.getElection() + " " + revoked.getReason());
			}
			else if (event instanceof LeaderChangedEvent changed) {
				changed.getCurrent()
					.ifPresent((leader) -> this.events.add(leader.candidateId() + " leads " + event.getElection()));
			}
		}

		static void pause() {
			try {
				Thread.sleep(20);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

	}

	/** Of the application itself. */
	@Bean
	Clock clock() {
		return Clock.systemUTC();
	}

	@Bean
	Object needsTheClock(Clock clock) {
		return clock.instant();
	}

	@RestController
	static class LeaderController {

		private final LeaderElection election;

		LeaderController(LeaderElection election) {
			this.election = election;
		}

		@GetMapping("/leads")
		boolean leads() {
			return this.election.isLeader();
		}

	}

}
