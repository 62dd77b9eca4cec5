package io.election.testing.integration;

import org.springframework.context.SmartLifecycle;

/**
 * Reports when elections are about to start: it is in the phase before theirs.
 */
class StartReporter implements SmartLifecycle {

	private final NodeOutput output;

	private final int phase;

	private volatile boolean running;

	StartReporter(NodeOutput output, int phase) {
		this.output = output;
		this.phase = phase;
	}

	@Override
	public void start() {
		this.running = true;
		this.output.starting();
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
