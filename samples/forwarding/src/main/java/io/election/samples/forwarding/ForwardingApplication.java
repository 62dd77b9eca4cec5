package io.election.samples.forwarding;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An ordinary web application. Whichever replica is asked, the leader numbers the orders.
 */
@SpringBootApplication
public class ForwardingApplication {

	public static void main(String[] args) {
		SpringApplication.run(ForwardingApplication.class, args);
	}

}
