package io.election.store.nats;

import java.time.Duration;
import java.util.function.Supplier;

import io.election.store.Backend;
import io.election.store.ElectionNames;
import io.election.store.LeaseStore;

/**
 * Keeps elections in a key-value bucket of NATS, on connections of its own.
 */
public final class NatsBackend implements Backend {

	private final Supplier<NatsSettings> settings;

	/**
	 * Makes a backend, without contact to a server.
	 * @param settings how to reach it
	 * @throws LinkageError if the version of the client library lacks what is needed
	 */
	public NatsBackend(NatsSettings settings) {
		this(() -> settings);
	}

	/**
	 * Makes a backend, without contact to a server.
	 * @param settings how to reach it, asked for each new connection; servers, login and
	 * certificates may change, the rest may not
	 * @throws LinkageError if the version of the client library lacks what is needed
	 */
	public NatsBackend(Supplier<NatsSettings> settings) {
		settings.get().link();
		this.settings = settings;
	}

	@Override
	public String name() {
		return "nats";
	}

	@Override
	public String description() {
		String domain = this.settings.get().domain();
		return (domain != null) ? name() + ", domain '" + domain + "'" : name();
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
