package io.election.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * Takes connections from a DataSource whose driver and settings are not known. Nothing
 * bounds the time that it needs (a pool may wait for a connection to be given back), so
 * each is asked for on a thread of its own, which is left behind when the time is over.
 */
final class DataSourceConnector implements Connector {

	/** A DataSource that answers none of these is not asked again. */
	private static final int MAX_UNANSWERED = 4;

	private final JdbcSettings settings;

	private final DataSource dataSource;

	/** The value of {@code election.backend}. */
	private final @Nullable String kind;

	private final AtomicInteger unanswered = new AtomicInteger();

	DataSourceConnector(JdbcSettings settings, DataSource dataSource) {
		this.settings = settings;
		this.dataSource = dataSource;
		this.kind = JdbcBackend.nameFor(settings.url());
	}

	@Override
	public Session connect(Properties properties, Duration limit) throws SQLException {
		long deadline = System.nanoTime() + limit.toNanos();
		Session session = Session.ofDataSource(connection(limit), deadline);
		try {
			String url = session.url();
			String kind = (url != null) ? JdbcBackend.nameFor(url) : this.kind;
			if (!Objects.equals(kind, this.kind)) {
				throw new SQLException("The DataSource is for another kind of database"
						+ ((kind != null) ? ": set election.backend=" + kind : ""));
			}
			return session.prepare(this.settings.setup());
		}
		catch (SQLException ex) {
			session.abort();
			throw ex;
		}
	}

	private Connection connection(Duration limit) throws SQLException {
		CompletableFuture<Connection> answer = new CompletableFuture<>();
		if (this.unanswered.get() >= MAX_UNANSWERED) {
			throw new SQLTimeoutException("The DataSource has not answered earlier requests for a connection");
		}
		Thread thread = new Thread(() -> ask(answer), "election-connect");
		thread.setDaemon(true);
		thread.start();
		try {
			return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			abandon(answer, thread);
			throw new SQLTimeoutException("The DataSource gave no connection in time", ex);
		}
		catch (InterruptedException ex) {
			abandon(answer, thread);
			throw new SQLException("Interrupted", ex);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof SQLException failure) {
				throw failure;
			}
			throw new SQLException("The DataSource gave no connection", ex.getCause());
		}
	}

	/** Gives a connection back that comes too late. */
	@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the connection any
													// more
	private static void abandon(CompletableFuture<Connection> answer, Thread thread) {
		answer.thenAccept((connection) -> {
			try {
				connection.close();
			}
			catch (SQLException ex) {
				// Nobody wants it any more
			}
		});
		thread.interrupt();
	}

	private void ask(CompletableFuture<Connection> answer) {
		this.unanswered.incrementAndGet();
		try {
			JdbcCredentials credentials = Connector.credentials(this.settings);
			answer.complete((credentials.username() != null)
					? this.dataSource.getConnection(credentials.username(), credentials.password())
					: this.dataSource.getConnection());
		}
		catch (Throwable ex) { // whoever asked has to know of any
			answer.completeExceptionally(ex);
		}
		finally {
			this.unanswered.decrementAndGet();
		}
	}

}
