package io.election.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Attributes;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.Registration;
import io.election.store.RosterEntry;

/**
 * What is special to a database: its driver, its SQL, and what its errors mean. Keeps
 * nothing of what it reads.
 */
abstract class Dialect {

	private static final Log logger = LogFactory.getLog(Dialect.class);

	final JdbcSettings settings;

	final Connector connector;

	final Tables tables;

	private final String product;

	private final String schemaFile;

	Dialect(JdbcSettings settings, String product, String schemaFile, String quote) {
		this.settings = settings;
		this.connector = Connector.of(settings);
		this.tables = new Tables(settings.schema(), settings.tablePrefix(), quote);
		this.product = product;
		this.schemaFile = "io/election/store/jdbc/" + schemaFile;
	}

	/** The value of {@code election.backend}. */
	abstract String name();

	/** How many threads are to wait for hints, each on a connection of its own. */
	abstract int watchers();

	/** Where to find who holds a lock on a row, in a sentence. */
	abstract String adviceOnLocks();

	/** Connects, with nothing left to what the URL or the driver's properties ask for. */
	abstract Session connect(Duration limit) throws SQLException;

	/**
	 * Prepares a new connection.
	 * @return whether there can be hints on such a connection
	 */
	abstract boolean configure(Session session, Duration requestTimeout) throws SQLException;

	/** Creates the tables if that is wanted and one of them is missing. */
	final void initialize(Session session) throws SQLException {
		if (this.settings.initializeSchema() && createMissingTables(session) && logger.isInfoEnabled()) {
			logger.info("Created the tables " + String.join(", ", this.tables.names()) + " in schema '"
					+ schemaOfTables(session) + "' of " + this.settings.shownUrl()
					+ ". To create them by migrations instead (Flyway, Liquibase), set"
					+ " election.jdbc.initialize-schema=never and add " + this.schemaFile + " of the class path");
		}
	}

	/** Returns whether a table was missing. */
	abstract boolean createMissingTables(Session session) throws SQLException;

	private String schemaOfTables(Session session) throws SQLException {
		AtomicReference<String> schema = new AtomicReference<>(this.settings.schema());
		if (schema.get() == null) {
			session.query(currentSchema(), (row) -> schema.set(row.getString(1)));
		}
		return String.valueOf(schema.get());
	}

	/** A query for the schema that a connection uses unless another one is named. */
	abstract String currentSchema();

	abstract Map<String, LeaseRecord> read(Session session, Collection<String> elections) throws SQLException;

	/**
	 * Makes sure that elections have the rows that a take-over locks, so that of several
	 * candidates one takes all or nothing.
	 */
	abstract void addRows(Session session, Collection<String> elections) throws SQLException;

	/** Takes the leases whose records are as the claims say; the others are missing. */
	abstract Map<String, Lease> acquire(Session session, List<Claim> claims) throws SQLException;

	/** Renews the leases whose records are as given; the others are missing. */
	abstract Map<String, Lease> renew(Session session, List<Lease> leases) throws SQLException;

	/**
	 * Marks vacant what is of the given nonces and terms.
	 * @return for what it was so; may leave out what a read will tell
	 */
	abstract Set<String> release(Session session, List<Lease> leases) throws SQLException;

	/** Returns whether there was an entry to keep. */
	abstract boolean keepCandidate(Session session, Registration registration) throws SQLException;

	/** Makes or widens an entry, and removes those of others that are expired. */
	abstract void addCandidate(Session session, Registration registration) throws SQLException;

	abstract void removeCandidate(Session session, Registration registration) throws SQLException;

	abstract List<RosterEntry> candidates(Session session, String election) throws SQLException;

	/**
	 * Passes on hints until the connection is lost.
	 * @return {@code false} if the server gives none
	 */
	abstract boolean watch(Session session, Duration requestTimeout, @Nullable Doorbell doorbell, Consumer<Hint> hints)
			throws SQLException;

	/** Whether an error says that the connection has ended, not that nobody answers. */
	final boolean isCut(SQLException ex) {
		return isConnectionError(ex) && !(rootOf(ex) instanceof SocketTimeoutException);
	}

	abstract boolean isConnectionError(SQLException ex);

	/**
	 * What to do about an error, as the end of a sentence; empty if that is not known.
	 */
	abstract String advice(SQLException ex);

	/**
	 * Whether an error lasts until somebody creates, grants or configures something. Not
	 * so where another server may be the primary in a moment.
	 */
	abstract boolean isLasting(SQLException ex);

	/** Whether a table lacks a privilege, and nothing else is wrong. */
	abstract boolean isDenied(SQLException ex);

	/** What happened and, where that is known, what to do about it. */
	final String explain(SQLException ex) {
		return this.product + " at " + this.settings.shownUrl() + ": " + firstLine(String.valueOf(ex.getMessage()))
				+ (ex.getCause() != null ? " (" + firstLine(rootOf(ex).toString()) + ")" : "") + advice(ex);
	}

	private static Throwable rootOf(Throwable ex) {
		Throwable root = ex;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return root;
	}

	private static String firstLine(String text) {
		return text.lines().findFirst().orElse("");
	}

	final String adviceOnTables() {
		return ((this.settings.schema() != null)
				? ". election.jdbc.schema and election.jdbc.table-prefix say where tables are;"
				: ". Tables are looked for in the connection's own schema, which URL, pool or user decide, unless"
						+ " election.jdbc.schema names another;")
				+ " election.jdbc.initialize-schema=always has missing ones created, else let whoever may create"
				+ " tables execute " + this.schemaFile + " of the class path";
	}

	/** About the schema that does not exist. */
	final String adviceOnSchema(String own) {
		return ". The schema that " + ((this.settings.schema() != null) ? "election.jdbc.schema" : own)
				+ " names has to exist";
	}

	final String adviceOnPrivileges(String further) {
		return this.tables.in(". The user needs " + further + "SELECT, INSERT and UPDATE on election_lease and"
				+ " election_fence; SELECT, INSERT, UPDATE and DELETE on election_candidate. To create them, it needs"
				+ " CREATE on the schema; else let whoever may create tables execute ") + this.schemaFile
				+ " of the class path";
	}

	static String adviceOnCredentials() {
		return ". Check election.jdbc.username and election.jdbc.password, or those of spring.datasource";
	}

	static String adviceOnReplica(String settings) {
		return ". The server is read-only (a standby, or by " + settings + "); the URL has to lead to the primary";
	}

	/** The DDL as it is shipped, with the names of the tables as configured. */
	final String schema() {
		try (InputStream file = Dialect.class.getResourceAsStream("/" + this.schemaFile)) {
			if (file == null) {
				throw new IllegalStateException(this.schemaFile + " is missing on the class path");
			}
			return this.tables.in(new String(file.readAllBytes(), StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The record that a claim saw, {@code null} if there was none. */
	static @Nullable Lease seenBy(Claim claim) {
		if (claim.seen() instanceof LeaseRecord.Held held) {
			return held.lease();
		}
		return (claim.seen() instanceof LeaseRecord.Vacant vacant) ? vacant.lease() : null;
	}

	static LeaseRecord record(ResultSet row) throws SQLException {
		String nonce = row.getString("nonce");
		if (nonce == null) {
			long fence = row.getLong("fence_term");
			return (fence > 0) ? new LeaseRecord.Vanished(fence, Duration.ofMillis(row.getLong("fence_lease_ms")))
					: new LeaseRecord.Absent();
		}
		Lease lease = lease(row);
		if (nonce.isEmpty()) {
			return new LeaseRecord.Vacant(lease);
		}
		return new LeaseRecord.Held(lease, row.getString("holder"), Attributes.decode(row.getString("attributes")),
				row.getLong("since_ms"), Duration.ofMillis(row.getLong("lease_ms")),
				Duration.ofMillis(row.getLong("deadline_ms")), Duration.ofMillis(row.getLong("age_ms")));
	}

	static Lease lease(ResultSet row) throws SQLException {
		return new Lease(row.getString("name"), row.getString("nonce"), row.getLong("term"), row.getLong("revision"));
	}

	static RosterEntry candidate(ResultSet row) throws SQLException {
		return new RosterEntry(row.getString("nonce"), row.getString("holder"),
				Attributes.decode(row.getString("attributes")), Instant.ofEpochMilli(row.getLong("last_seen_ms")));
	}

}
