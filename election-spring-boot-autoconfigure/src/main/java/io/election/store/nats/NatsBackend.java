package io.election.store.nats;

import java.time.Duration;

import io.election.store.Backend;
import io.election.store.ElectionNames;
import io.election.store.LeaseStore;

/**
 * Keeps elections in a key-value bucket of NATS, on connections of its own.
 */
public final class NatsBackend implements Backend {

	private final NatsSettings settings;

	/**
	 * Makes a backend, without contact to a server.
	 * @param settings how to reach it
	 * @throws LinkageError if the version of the client library lacks what is needed
	 */
	public NatsBackend(NatsSettings settings) {
		settings.link();
		this.settings = settings;
	}

	@Override
	public String name() {
		return "nats";
	}

	@Override
	public String description() {
		return (this.settings.domain() != null) ? name() + ", domain '" + this.settings.domain() + "'" : name();
	}

	@Override
	public void checkName(String election) {
		ElectionNames.check(election);
	}

	@Override
	public LeaseStore open(Duration requestTimeout) {
		return new NatsLeaseStore(this.settings, requestTimeout);
	}

}
