package io.election.store.nats;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import io.election.store.UnusableBackendException;
import io.election.store.nats.Records.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Access to elections in NATS. Of two connections, one for calls and one for the watch,
 * each is used until something fails on it, whatever it is; the next one begins with the
 * next server.
 */
final class NatsLeaseStore implements LeaseStore {

	private static final String CLOSED = "The store is closed";

	/** To be connected and to begin to watch may take longer than a call. */
	private static final Duration WATCH_LIMIT = Duration.ofSeconds(5);

	private final Supplier<NatsSettings> source;

	private final Duration requestTimeout;

	private final Sightings sightings = new Sightings(Watching.PATIENCE);

	private final Records records;

	private final Roster roster;

	/** Those of the latest connection. */
	private volatile NatsSettings settings;

	// The rest is guarded by this

	private @Nullable Connection connection;

	private int connections;

	private @Nullable Connection watch;

	private int watches;

	private boolean closed;

	NatsLeaseStore(Supplier<NatsSettings> source, Duration requestTimeout) {
		this.source = source;
		this.settings = source.get();
		this.requestTimeout = requestTimeout;
		this.records = new Records(this.settings.leases().bucket(), this.sightings);
		this.roster = new Roster(this.settings.candidates().bucket());
	}

	@Override
	public Map<String, LeaseRecord> read(Collection<String> elections) throws Exception {
		Map<String, LeaseRecord> read = new HashMap<>();
		if (!isClosed() && this.sightings.areCurrent()) {
			elections.forEach((election) -> read.put(election, this.sightings.get(election).aged()));
			return read;
		}
		return call((nats) -> {
			this.records.read(nats, elections).forEach((election, found) -> read.put(election, found.aged()));
			return read;
		});
	}

	@Override
	public Map<String, Answer> acquire(List<Claim> claims) throws Exception {
		Map<String, Claim> all = new HashMap<>();
		claims.forEach((claim) -> all.put(claim.election(), claim));
		return call((nats) -> {
			Map<String, Answer> answers = new HashMap<>();
			for (Outcome<Claim> outcome : this.records.change(nats, all, NatsLeaseStore::taken)) {
				boolean unchanged = !outcome.written() && outcome.record().isSameAs(outcome.request().seen());
				answers.put(outcome.election(), unchanged ? new Answer.Busy() : answer(outcome));
			}
			return answers;
		});
	}

	private static @Nullable Content taken(Claim claim, LeaseRecord record) {
		long lowestTerm = Math.max(record.term(), claim.highestTerm()) + 1;
		return record.isSameAs(claim.seen())
				? Content.first(claim.candidate(), claim.timing(), lowestTerm, Instant.now().toEpochMilli()) : null;
	}

	@Override
	public Map<String, Answer> renew(List<Lease> leases) throws Exception {
		return call((nats) -> {
			Map<String, Answer> answers = new HashMap<>();
			this.records.change(nats, byElection(leases), NatsLeaseStore::renewed)
				.forEach((outcome) -> answers.put(outcome.election(), answer(outcome)));
			return answers;
		});
	}

	private static @Nullable Content renewed(Lease lease, LeaseRecord record) {
		return (record instanceof LeaseRecord.Held held && held.lease().equals(lease)) ? Content.next(held) : null;
	}

	private static Answer answer(Outcome<?> outcome) {
		return (outcome.written() && outcome.record() instanceof LeaseRecord.Held own) ? new Answer.Held(own.lease())
				: new Answer.Refused(outcome.record());
	}

	@Override
	public Map<String, Answer> release(List<Lease> leases) throws Exception {
		Map<String, Lease> rest = byElection(leases);
		return call((nats) -> {
			Map<String, Answer> answers = new HashMap<>();
			while (!rest.isEmpty()) {
				for (Outcome<Lease> outcome : this.records.change(nats, rest, NatsLeaseStore::released)) {
					// Not if a renewal came between that had no known outcome
					if (outcome.written() || released(outcome.request(), outcome.record()) == null) {
						answers.put(outcome.election(), new Answer.Released());
					}
				}
				rest.keySet().removeAll(answers.keySet());
			}
			return answers;
		});
	}

	private static @Nullable Content released(Lease lease, LeaseRecord record) {
		boolean own = record instanceof LeaseRecord.Held held && held.lease().nonce().equals(lease.nonce())
				&& held.term() == lease.term();
		return own ? Content.vacant(lease.term()) : null;
	}

	private static Map<String, Lease> byElection(List<Lease> leases) {
		Map<String, Lease> all = new HashMap<>();
		leases.forEach((lease) -> all.put(lease.election(), lease));
		return all;
	}

	@Override
	public void register(Registration registration) throws Exception {
		call((nats) -> {
			this.settings.candidates().ensure(nats);
			this.roster.register(nats, registration);
			return true;
		});
	}

	@Override
	public void unregister(Registration registration) throws Exception {
		call((nats) -> {
			this.roster.unregister(nats, registration);
			return true;
		});
	}

	@Override
	public List<RosterEntry> candidates(String election) throws Exception {
		return call((nats) -> {
			this.settings.candidates().ensure(nats);
			return new ArrayList<>(this.roster.candidates(nats, election));
		});
	}

	private <T> T call(Work<T> work) throws Exception {
		Connection nats = connected();
		boolean done = false;
		try {
			this.settings.leases().ensure(nats);
			T result = work.on(nats);
			done = true;
			return result;
		}
		catch (InterruptedException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw explained(ex, nats);
		}
		finally {
			if (!done && !nats.isOpening()) {
				discard();
			}
		}
	}

	private synchronized Connection connected() throws IOException {
		requireOpen();
		if (this.connection != null && this.connection.isLost()) {
			discard();
		}
		if (this.connection == null) {
			this.settings = this.source.get();
			this.connection = new Connection(this.settings, this.connections++, this.requestTimeout);
		}
		this.connection.begin();
		return this.connection;
	}

	private synchronized void discard() {
		Connection former = this.connection;
		this.connection = null; // whatever happens while the former one is closed
		if (former != null) {
			former.close();
		}
	}

	@Override
	public boolean watch(Consumer<Hint> hints) throws Exception {
		try (Connection nats = connectedToWatch()) {
			try {
				this.settings.leases().ensure(nats);
				new Watching(this.settings.leases().bucket(), this.sightings, hints).watch(nats);
			}
			catch (InterruptedException ex) {
				throw ex;
			}
			catch (Exception ex) {
				if (!isClosed()) {
					throw explained(ex, nats);
				}
			}
		}
		return true;
	}

	private synchronized Connection connectedToWatch() throws IOException {
		requireOpen();
		this.settings = this.source.get();
		this.watch = new Connection(this.settings, this.watches++, WATCH_LIMIT);
		return this.watch;
	}

	private Exception explained(Exception failure, Connection nats) {
		if (isClosed()) {
			return new IOException(CLOSED, failure);
		}
		String complaint = nats.complaint();
		String message = Failures.explain(failure, complaint, this.settings);
		return (Failures.isLasting(failure, complaint) || isWithoutJetStream(failure, nats))
				? new UnusableBackendException(message, failure) : new IOException(message, failure);
	}

	/**
	 * Not so where another server, the connection of servers to a domain, or the next
	 * leader of a stream may take requests in a moment.
	 */
	private boolean isWithoutJetStream(Exception failure, Connection nats) {
		return Failures.isWithoutJetStream(failure) && this.settings.servers().size() == 1
				&& this.settings.domain() == null && !nats.hasSeen(this.settings.leases().bucket());
	}

	private synchronized void requireOpen() throws IOException {
		if (this.closed) {
			throw new IOException(CLOSED);
		}
	}

	private synchronized boolean isClosed() {
		return this.closed;
	}

	@Override
	public synchronized void close() {
		this.closed = true;
		discard();
		if (this.watch != null) {
			this.watch.close();
		}
	}

	/**
	 * What a call does with the connection.
	 */
	@FunctionalInterface
	private interface Work<T> {

		T on(Connection nats) throws Exception;

	}

}
