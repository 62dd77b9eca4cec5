package io.election.store.etcd;

import java.time.Duration;
import java.util.function.Supplier;

import io.election.core.Timing;
import io.election.store.Backend;
import io.election.store.ElectionNames;
import io.election.store.LeaseStore;

/**
 * Keeps elections in etcd, where everybody who uses etcd's own election recipe can take
 * part: {@code etcdctl elect election/billing} is a candidate of the election
 * {@code billing}.
 */
public final class EtcdBackend implements Backend {

	private final Supplier<EtcdSettings> settings;

	private final long firstToken;

	/**
	 * Makes a backend, without contact to a server.
	 * @param settings how to reach it
	 * @throws LinkageError if the version of the client library lacks what is needed
	 */
	public EtcdBackend(EtcdSettings settings) {
		this(() -> settings, 1);
	}

	/**
	 * Makes a backend, without contact to a server.
	 * @param settings how to reach it, asked for each new connection; servers, login and
	 * certificates may change, the rest may not
	 * @param firstToken the lowest token that candidates lead with. Tokens are revisions
	 * of etcd: a store answers nothing before etcd is about to have this one
	 * @throws LinkageError if the version of the client library lacks what is needed
	 */
	public EtcdBackend(Supplier<EtcdSettings> settings, long firstToken) {
		settings.get().client(0);
		this.settings = settings;
		this.firstToken = firstToken;
	}

	@Override
	public String name() {
		return "etcd";
	}

	@Override
	public void checkName(String election) {
		ElectionNames.check(election);
	}

	/**
	 * Registering keeps the process's lease in etcd alive, also while it does not lead.
	 */
	@Override
	public Duration registrationPeriod(Timing timing) {
		return timing.leaseDuration().dividedBy(Presence.REGISTRATIONS_PER_LEASE);
	}

	@Override
	public LeaseStore open(Duration requestTimeout) {
		return new EtcdLeaseStore(this.settings, this.firstToken, requestTimeout);
	}

}
