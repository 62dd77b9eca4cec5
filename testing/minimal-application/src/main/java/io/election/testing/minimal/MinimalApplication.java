package io.election.testing.minimal;

import io.election.LeaderElection;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/**
 * An application with nothing but the starter on its class path. Prints what happens in
 * its election.
 */
@SpringBootApplication
public class MinimalApplication {

	@Bean
	ApplicationRunner stateAtStart(LeaderElection election) {
		return (args) -> System.out.println("takes part in " + election.name() + ": " + election.state());
	}

	@EventListener
	void granted(LeadershipGrantedEvent event) {
		System.out.println("granted " + event.getElection() + " with token " + event.getFencingToken());
	}

	@EventListener
	void revoked(LeadershipRevokedEvent event) {
		System.out.println("revoked " + event.getElection() + ": " + event.getReason());
	}

	public static void main(String[] args) {
		SpringApplication.run(MinimalApplication.class, args);
	}

}
