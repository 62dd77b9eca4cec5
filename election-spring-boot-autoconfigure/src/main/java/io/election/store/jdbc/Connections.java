package io.election.store.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.election.store.UnusableBackendException;

/**
 * The connections of a store: one for calls, and those that watch. Each is used until
 * something fails on it, and is made anew when it is needed next.
 * <p>
 * Whoever closes them does not wait: what is under way fails, and a login that is under
 * way ends within the request timeout.
 */
final class Connections {

	private final Dialect dialect;

	private final Duration requestTimeout;

	/** Whether the tables were seen. Confined to the calling thread. */
	private boolean initialized;

	// The rest is guarded by this

	private @Nullable Session session;

	private final Set<Session> watches = new HashSet<>();

	private boolean closed;

	Connections(Dialect dialect, Duration requestTimeout) {
		this.dialect = dialect;
		this.requestTimeout = requestTimeout;
	}

	/** Does something with a connection, within the request timeout. */
	<T> T call(Work<T> work) throws SQLException {
		return call(work, false);
	}

	/**
	 * The same for what elections can do without: if the server denies it, they keep
	 * their connection.
	 */
	<T> T callAside(Work<T> work) throws SQLException {
		return call(work, true);
	}

	private <T> T call(Work<T> work, boolean aside) throws SQLException {
		boolean done = false;
		try {
			T result = perform(work);
			done = true;
			return result;
		}
		catch (SQLException ex) {
			done = aside && this.initialized && this.dialect.isDenied(ex);
			this.initialized &= done; // perhaps because they were dropped
			throw explained(ex);
		}
		finally {
			if (!done) {
				discard();
			}
		}
	}

	/**
	 * Servers, poolers and load balancers cut idle connections, perhaps sooner than calls
	 * come. So when the first statement on a connection of an earlier call finds it dead,
	 * the work is repeated on a new one, in the time that is left. The statement may have
	 * been carried out all the same, with only the reply lost. Every statement compares
	 * before it sets, so that repeating it does no harm; but what it finds may be its own
	 * doing, see {@link Session#isRepeating()}.
	 */
	private <T> T perform(Work<T> work) throws SQLException {
		long deadline = System.nanoTime() + this.requestTimeout.toNanos();
		Session idle = session();
		if (idle != null) {
			idle.limit(this.requestTimeout);
			try {
				return work.on(idle);
			}
			catch (SQLException ex) {
				if (isClosed() || !idle.failedAtFirst() || !this.dialect.isCut(ex)) {
					throw ex;
				}
				discard();
			}
		}
		Session session = connected(Duration.ofNanos(deadline - System.nanoTime()));
		if (idle != null) {
			session.repeat();
		}
		return work.on(session);
	}

	private Session connected(Duration limit) throws SQLException {
		Session session = this.dialect.connect(limit);
		use(session, false);
		this.dialect.configure(session, this.requestTimeout);
		if (!this.initialized) {
			this.dialect.initialize(session);
			this.initialized = true;
		}
		return session;
	}

	/** Passes on hints until closed or until the connection is lost. */
	boolean watch(Work<Boolean> work) throws SQLException {
		Session watch = null;
		try {
			watch = this.dialect.connect(this.requestTimeout);
			use(watch, true);
			return this.dialect.configure(watch, this.requestTimeout) && work.on(watch);
		}
		catch (SQLException ex) {
			if (isClosed()) {
				return true;
			}
			throw explained(ex);
		}
		finally {
			if (watch != null) {
				forget(watch);
				watch.abort();
			}
		}
	}

	/** The same with an explanation, or that the backend cannot be used. */
	private SQLException explained(SQLException ex) {
		boolean closed = isClosed();
		String message = closed ? "The store is closed" : this.dialect.explain(ex);
		if (!closed && this.dialect.isLasting(ex)) {
			throw new UnusableBackendException(message, ex);
		}
		return new SQLException(message, ex.getSQLState(), ex.getErrorCode(), ex);
	}

	private synchronized @Nullable Session session() throws SQLException {
		requireOpen();
		return this.session;
	}

	private synchronized void use(Session session, boolean watching) throws SQLException {
		if (this.closed) {
			session.abort();
		}
		requireOpen();
		if (watching) {
			this.watches.add(session);
		}
		else {
			this.session = session;
		}
	}

	private void requireOpen() throws SQLException {
		if (this.closed) {
			throw new SQLException("The store is closed");
		}
	}

	private synchronized void discard() {
		if (this.session != null) {
			this.session.abort();
			this.session = null;
		}
	}

	private synchronized void forget(Session watch) {
		this.watches.remove(watch);
	}

	private synchronized boolean isClosed() {
		return this.closed;
	}

	synchronized void close() {
		this.closed = true;
		discard();
		this.watches.forEach(Session::abort);
	}

	/**
	 * What is done with a connection.
	 */
	@FunctionalInterface
	interface Work<T> {

		T on(Session session) throws SQLException;

	}

}
