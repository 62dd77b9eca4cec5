package io.election.samples.forwarding;

import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Keeps a replica that shuts down answering until load balancers have noticed that it
 * refuses traffic, and followers that it does not lead any more. Otherwise, they would
 * find a closed port meanwhile.
 */
@Component
class Lingering {

	private static final Logger logger = LoggerFactory.getLogger(Lingering.class);

	private final ApplicationContext context;

	private final Duration time;

	Lingering(ApplicationContext context, @Value("${orders.linger}") Duration time) {
		this.context = context;
		this.time = time;
	}

	/**
	 * Comes after readiness has changed, and before anything is stopped. Contexts within
	 * this one, such as that of a management port, close later and tell here, too.
	 */
	@EventListener
	void linger(ContextClosedEvent event) throws InterruptedException {
		if (event.getApplicationContext() != this.context) {
			return;
		}
		logger.info("Goes on answering for {}", this.time);
		Thread.sleep(this.time.toMillis());
	}

}
