package io.election.samples.forwarding;

import java.time.Duration;

import io.election.ElectionObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Part of a replica under test: says what the application has no reason to say, and
 * answers a request that takes as long as a test likes.
 */
@RestController
class ReplicaProbe implements ElectionObserver {

	/** Whoever holds this lock of the database holds up {@code GET /slow}. */
	static final long SLOW_LOCK = 4711;

	private static final Logger logger = LoggerFactory.getLogger(ReplicaProbe.class);

	private final JdbcClient jdbc;

	ReplicaProbe(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@GetMapping("/slow")
	String slow() {
		logger.info("Slow request begins");
		this.jdbc.sql("select 1 from pg_advisory_xact_lock(?)").param(SLOW_LOCK).query(Integer.class).single();
		logger.info("Slow request is answered");
		return "done";
	}

	@EventListener
	void ready(ApplicationReadyEvent event) {
		logger.info("Ready on port {}",
				event.getApplicationContext().getEnvironment().getRequiredProperty("local.server.port"));
	}

	@Override
	public void attempted(String election, Attempt attempt, Outcome outcome, Duration took) {
		if (attempt == Attempt.RELEASE) {
			logger.info("The lease: {}", outcome);
		}
	}

}
