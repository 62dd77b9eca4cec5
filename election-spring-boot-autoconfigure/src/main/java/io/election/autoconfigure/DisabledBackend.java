package io.election.autoconfigure;

import java.time.Duration;

import io.election.store.Backend;
import io.election.store.LeaseStore;

/**
 * Stands for the backend where the application takes part in no election.
 */
class DisabledBackend implements Backend {

	@Override
	public String name() {
		return "none";
	}

	@Override
	public void checkName(String election) {
		// Nobody keeps it
	}

	@Override
	public LeaseStore open(Duration requestTimeout) {
		throw new IllegalStateException("election.enabled is false");
	}

}
