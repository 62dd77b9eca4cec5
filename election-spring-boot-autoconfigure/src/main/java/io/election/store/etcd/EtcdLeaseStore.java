package io.election.store.etcd;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
import io.etcd.jetcd.ClientBuilder;
import io.grpc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Access to elections in etcd. A connection is used until something fails on it, whatever
 * it is; the next one begins with the next member.
 */
final class EtcdLeaseStore implements LeaseStore {

	private static final String CLOSED = "The store is closed";

	private final Supplier<EtcdSettings> source;

	private final long firstToken;

	private final Duration requestTimeout;

	private final Layout layout;

	private final Records records;

	private final Presence presence = new Presence();

	private final Contest contest;

	private final Rosters rosters;

	/** Whether to log in if there is a user. Not if etcd said that nobody can. */
	private volatile boolean login = true;

	/** Whether connections have threads of their own, as those of gRPC have ended. */
	private volatile boolean ownThreads;

	/** Those of the latest connection. */
	private volatile EtcdSettings settings;

	// The rest is guarded by this

	private @Nullable Connection connection;

	private int connections;

	private @Nullable Watching watching;

	private int watches;

	private boolean closed;

	EtcdLeaseStore(Supplier<EtcdSettings> source, long firstToken, Duration requestTimeout) {
		this.source = source;
		this.firstToken = firstToken;
		this.settings = source.get();
		this.requestTimeout = requestTimeout;
		this.layout = new Layout(this.settings.prefix());
		this.records = new Records(this.layout);
		this.contest = new Contest(this.layout, this.records, this.presence);
		this.rosters = new Rosters(this.layout, this.presence, this.contest);
	}

	@Override
	public Map<String, LeaseRecord> read(Collection<String> elections) throws Exception {
		Map<String, LeaseRecord> records = new HashMap<>();
		call((etcd) -> this.contest.find(etcd, elections)).forEach((election, found) -> {
			requireFirstToken(found.revision());
			records.put(election, found.record());
		});
		return records;
	}

	/** Fails if the next token of etcd is lower than the first token. */
	private void requireFirstToken(long revision) {
		if (revision + 1 < this.firstToken) {
			throw new UnusableBackendException("etcd is at revision " + revision + ", but election.first-token is "
					+ this.firstToken + ", and tokens on etcd are revisions. Raise the revision of etcd, or lower"
					+ " election.first-token together with the tokens that resources remember", null);
		}
	}

	@Override
	public Map<String, Answer> acquire(List<Claim> claims) throws Exception {
		return call((etcd) -> this.contest.acquire(etcd, claims));
	}

	@Override
	public Map<String, Answer> renew(List<Lease> leases) throws Exception {
		return call((etcd) -> this.contest.renew(etcd, leases));
	}

	@Override
	public Map<String, Answer> release(List<Lease> leases) throws Exception {
		return call((etcd) -> this.contest.release(etcd, leases));
	}

	@Override
	public void register(Registration registration) throws Exception {
		call((etcd) -> {
			this.rosters.register(etcd, registration);
			return true;
		});
	}

	@Override
	public void unregister(Registration registration) throws Exception {
		call((etcd) -> {
			this.rosters.unregister(etcd, registration);
			return true;
		});
	}

	@Override
	public List<RosterEntry> candidates(String election) throws Exception {
		return call((etcd) -> this.rosters.candidates(etcd, election));
	}

	private <T> T call(Work<T> work) throws Exception {
		Connection.loadClasses(this.settings);
		Deadline deadline = Deadline.after(this.requestTimeout.minus(grace()).toNanos(), TimeUnit.NANOSECONDS);
		try {
			try {
				return call(work, deadline);
			}
			catch (Exception ex) {
				if (!isAboutLogin(ex)) {
					throw ex;
				}
				return call(work, deadline); // on a new connection, which logs in anew
			}
		}
		catch (InterruptedException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw explained(ex);
		}
	}

	/**
	 * Whether nothing was carried out, and will be by a connection with another token, or
	 * without one.
	 */
	private boolean isAboutLogin(Exception failure) {
		if (Failures.isLoginNeedless(failure)) {
			this.login = false;
			return true;
		}
		if (!this.login && Failures.isRefused(failure)) {
			this.login = true;
			return true;
		}
		return Failures.isExpiredToken(failure);
	}

	private <T> T call(Work<T> work, Deadline deadline) throws Exception {
		Connection etcd = connected();
		etcd.begin(deadline);
		boolean done = false;
		try {
			T result = work.on(etcd);
			done = true;
			return result;
		}
		finally {
			if (!done) {
				this.contest.doubt("");
				this.presence.keysMayBeWrong();
				discard();
			}
		}
	}

	private synchronized Connection connected() throws IOException {
		requireOpen();
		if (this.connection == null) {
			this.connection = new Connection(client(this.connections++), grace());
		}
		return this.connection;
	}

	/**
	 * A client, yet to be built, by the latest settings.
	 * @param first which member to try first
	 */
	private ClientBuilder client(int first) {
		this.settings = this.source.get();
		ClientBuilder client = (this.login ? this.settings : this.settings.withoutLogin()).client(first);
		return this.ownThreads ? client.useVertx() : client;
	}

	private Duration grace() {
		return this.requestTimeout.dividedBy(10);
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
		try (Watching begun = watching(hints)) {
			begun.watch(this.requestTimeout);
		}
		catch (InterruptedException ex) {
			throw ex;
		}
		catch (Exception ex) {
			if (!isClosed()) {
				isAboutLogin(ex); // for the next watch
				throw explained(ex);
			}
		}
		return true;
	}

	private synchronized Watching watching(Consumer<Hint> hints) throws IOException {
		requireOpen();
		this.watching = new Watching(client(this.watches++), this.layout, this.records, (hint) -> {
			this.contest.doubt(hint.election());
			hints.accept(hint);
		});
		return this.watching;
	}

	private Exception explained(Exception failure) {
		if (isClosed()) {
			return new IOException(CLOSED, failure);
		}
		if (Failures.isOfEndedThread(failure)) {
			this.ownThreads = true;
		}
		String message = Failures.explain(failure, this.settings);
		return Failures.isLasting(failure) ? new UnusableBackendException(message, failure)
				: new IOException(message, failure);
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
		if (this.watching != null) {
			this.watching.close();
		}
	}

	/**
	 * What a call does with the connection.
	 */
	@FunctionalInterface
	private interface Work<T> {

		T on(Connection etcd) throws Exception;

	}

}
