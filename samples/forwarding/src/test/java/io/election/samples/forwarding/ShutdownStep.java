package io.election.samples.forwarding;

import java.util.List;
import java.util.stream.Stream;

/**
 * What happens when a replica shuts down, in the order in which it has to, and the line
 * of the log that says so.
 */
enum ShutdownStep {

	/** Load balancers are told. */
	READINESS_DOWN("changed from ACCEPTING_TRAFFIC to REFUSING_TRAFFIC"),

	/** The term is over, and listeners are told. */
	REVOKED("Leads no more: "),

	/** Listeners have returned. */
	WORK_DONE(" is finished"),

	/** Others may lead. */
	RELEASED("The lease: RELEASED"),

	/** A request that was under way all the while is answered. */
	ANSWERED("Slow request is answered"),

	/** No request is under way any more. */
	DRAINED("Graceful shutdown complete");

	private final String text;

	ShutdownStep(String text) {
		this.text = text;
	}

	/**
	 * Find the steps in a log.
	 * @param log the lines
	 * @return the steps as they come, also those that come twice
	 */
	static List<ShutdownStep> in(List<String> log) {
		return log.stream().flatMap((line) -> Stream.of(values()).filter((step) -> line.contains(step.text))).toList();
	}

}
