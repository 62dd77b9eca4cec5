package io.election.runtime;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.RosterEntry;

/**
 * A store that asks another.
 */
class ForwardingStore implements LeaseStore {

	private final LeaseStore delegate;

	ForwardingStore(LeaseStore delegate) {
		this.delegate = delegate;
	}

	@Override
	public Map<String, LeaseRecord> read(Collection<String> elections) throws Exception {
		return this.delegate.read(elections);
	}

	@Override
	public Map<String, Answer> acquire(List<Claim> claims) throws Exception {
		return this.delegate.acquire(claims);
	}

	@Override
	public Map<String, Answer> renew(List<Lease> leases) throws Exception {
		return this.delegate.renew(leases);
	}

	@Override
	public Map<String, Answer> release(List<Lease> leases) throws Exception {
		return this.delegate.release(leases);
	}

	@Override
	public boolean watch(Consumer<Hint> hints) throws Exception {
		return this.delegate.watch(hints);
	}

	@Override
	public void register(Registration registration) throws Exception {
		this.delegate.register(registration);
	}

	@Override
	public void unregister(Registration registration) throws Exception {
		this.delegate.unregister(registration);
	}

	@Override
	public List<RosterEntry> candidates(String election) throws Exception {
		return this.delegate.candidates(election);
	}

	@Override
	public void close() {
		this.delegate.close();
	}

}
