package io.election.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Attributes;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.Registration;
import io.election.store.RosterEntry;

/**
 * What is special to PostgreSQL: its driver, its SQL, and what its errors mean. No method
 * keeps anything; each is one statement.
 */
final class PostgresDialect {

	private static final String SCHEMA_FILE = "io/election/store/jdbc/schema-postgresql.sql";

	private static final int CHECK_MILLIS = 60_000;

	/** With term and revision if the record is vacant. */
	private static final Pattern PAYLOAD = Pattern.compile("((?<term>\\d{1,18}):(?<revision>\\d{1,18}))?:(?<name>.+)");

	private final JdbcSettings settings;

	private final Tables tables;

	private final String channel;

	PostgresDialect(JdbcSettings settings) {
		if (!settings.url().startsWith("jdbc:") || !settings.url().contains(":postgresql:")) {
			throw new IllegalArgumentException("\"" + settings.shownUrl() + "\" is no JDBC URL of PostgreSQL");
		}
		if (settings.url().replaceFirst("\\?.*", "").contains("@")) {
			throw new IllegalArgumentException("The JDBC URL holds a user name, which PostgreSQL's driver takes"
					+ " for a part of the host. Move it to the properties for user name and password");
		}
		this.settings = settings;
		this.tables = new Tables(settings.schema(), settings.tablePrefix(), "\"");
		this.channel = "election_%08x_%08x".formatted((settings.schema() != null) ? settings.schema().hashCode() : 0,
				settings.tablePrefix().hashCode());
	}

	String name() {
		return "postgres";
	}

	/** Connects, with nothing left to what the URL or the driver's properties ask for. */
	Session connect(Duration limit) throws SQLException {
		Properties properties = new Properties();
		properties.setProperty("ApplicationName", "election");
		// Sends the name while logging in, instead of in a request of its own
		properties.setProperty("assumeMinServerVersion", "12");
		properties.setProperty("tcpKeepAlive", "true");
		properties.setProperty("loginTimeout", String.format(Locale.ROOT, "%.3f", limit.toMillis() / 1000.0));
		// Whole seconds: the end of a thread that the driver leaves behind when the time
		// for the login is over
		properties.setProperty("connectTimeout", String.valueOf(limit.toSeconds() + 1));
		properties.setProperty("socketTimeout", String.valueOf(limit.toSeconds() + 1));
		// No timeout ends a write, so a request has to fit
		properties.setProperty("sendBufferSize", String.valueOf(512 * 1024));
		// Statements that a session remembers are lost behind a pooler; see configure
		properties.setProperty("prepareThreshold", "0");
		properties.setProperty("preferQueryMode", "extended");
		properties.setProperty("readOnly", "false");
		boolean severalHosts = this.settings.shownUrl().contains(",");
		properties.setProperty("targetServerType", severalHosts ? "primary" : "any");
		// A host that is known to be no primary may be one by now, and one that does not
		// answer must not take all the time at each attempt
		properties.setProperty("hostRecheckSeconds", "0");
		properties.setProperty("loadBalanceHosts", String.valueOf(severalHosts));
		if (takesSocketFactory()) {
			properties.setProperty("socketFactory", PostgresSocketFactory.class.getName());
		}
		return Session.connect(this.settings, properties, limit);
	}

	/** Unless the application has one of its own, or the driver cannot see ours. */
	private boolean takesSocketFactory() {
		if (this.settings.url().contains("socketFactory=")
				|| this.settings.driverProperties().containsKey("socketFactory")) {
			return false;
		}
		try {
			Class.forName(PostgresSocketFactory.class.getName(), false, PGConnection.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException ex) {
			return false;
		}
	}

	/**
	 * Prepares a new connection.
	 * @return whether it leads to the server itself, not to a pooler
	 */
	boolean configure(Session session, Duration requestTimeout) throws SQLException {
		PGConnection connection = session.unwrap(PGConnection.class);
		AtomicBoolean direct = new AtomicBoolean();
		session.query(PostgresSql.CONFIGURE, (row) -> direct.set(true), String.valueOf(requestTimeout.toMillis()),
				(long) connection.getBackendPID());
		if (direct.get()) {
			// Parsing and planning take longer than executing
			connection.setPrepareThreshold(1);
		}
		return direct.get();
	}

	/** Creates the tables if that is wanted and one of them is missing. */
	void initialize(Session session) throws SQLException {
		if (!this.settings.initializeSchema()) {
			return;
		}
		AtomicBoolean found = new AtomicBoolean();
		session.query(this.tables.in(PostgresSql.FIND_TABLES), (row) -> found.set(row.getBoolean(1)));
		if (!found.get()) {
			// One request, thus one transaction
			session.execute(PostgresSql.LOCK_TABLES + this.tables.in(schema()));
		}
	}

	private static String schema() {
		try (InputStream file = PostgresDialect.class.getResourceAsStream("/" + SCHEMA_FILE)) {
			if (file == null) {
				throw new IllegalStateException(SCHEMA_FILE + " is missing on the class path");
			}
			return new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	Map<String, LeaseRecord> read(Session session, Collection<String> elections) throws SQLException {
		Map<String, LeaseRecord> records = new HashMap<>();
		session.query(this.tables.in(PostgresSql.READ), (row) -> records.put(row.getString("name"), record(row)),
				(Object) elections.toArray(String[]::new));
		return records;
	}

	private static LeaseRecord record(ResultSet row) throws SQLException {
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

	/**
	 * Makes sure that elections have a fence. A take-over locks it, so that of several
	 * candidates one takes all or nothing.
	 */
	void addFences(Session session, Collection<String> elections) throws SQLException {
		session.execute(this.tables.in(PostgresSql.ADD_FENCES), (Object) elections.toArray(String[]::new));
	}

	/** Takes the leases whose records are as the claims say; the others are missing. */
	Map<String, Lease> acquire(Session session, List<Claim> claims) throws SQLException {
		Map<String, Lease> taken = new HashMap<>();
		session.query(this.tables.in(PostgresSql.ACQUIRE), (row) -> taken.put(row.getString("name"), lease(row)),
				texts(claims, Claim::election), texts(claims, (claim) -> seen(claim, Lease::nonce)),
				numbers(claims, (claim) -> claim.seen().term()),
				numbers(claims, (claim) -> seen(claim, Lease::revision)), numbers(claims, Claim::highestTerm),
				texts(claims, (claim) -> claim.candidate().nonce()),
				texts(claims, (claim) -> claim.candidate().candidateId()),
				texts(claims, (claim) -> Attributes.encode(claim.candidate().attributes())),
				numbers(claims, (claim) -> claim.timing().leaseDuration().toMillis()),
				numbers(claims, (claim) -> claim.timing().renewDeadline().toMillis()), this.channel);
		return taken;
	}

	/** Part of the record that was seen, {@code null} if there was none. */
	private static <T> @Nullable T seen(Claim claim, Function<Lease, T> part) {
		if (claim.seen() instanceof LeaseRecord.Held held) {
			return part.apply(held.lease());
		}
		return (claim.seen() instanceof LeaseRecord.Vacant vacant) ? part.apply(vacant.lease()) : null;
	}

	/** Renews the leases whose records are as given; the others are missing. */
	Map<String, Lease> renew(Session session, List<Lease> leases) throws SQLException {
		Map<String, Lease> renewed = new HashMap<>();
		session.query(this.tables.in(PostgresSql.RENEW), (row) -> renewed.put(row.getString("name"), lease(row)),
				texts(leases, Lease::election), texts(leases, Lease::nonce), numbers(leases, Lease::term),
				numbers(leases, Lease::revision));
		return renewed;
	}

	/** Marks vacant what is of the given nonces and terms; returns for what it was so. */
	Set<String> release(Session session, List<Lease> leases) throws SQLException {
		Set<String> released = new HashSet<>();
		session.query(this.tables.in(PostgresSql.RELEASE), (row) -> released.add(row.getString("name")),
				texts(leases, Lease::election), texts(leases, Lease::nonce), numbers(leases, Lease::term),
				this.channel);
		return released;
	}

	/** Returns whether there was an entry to keep. */
	boolean keepCandidate(Session session, Registration registration) throws SQLException {
		AtomicBoolean kept = new AtomicBoolean();
		session.query(this.tables.in(PostgresSql.KEEP_CANDIDATE), (row) -> kept.set(true), registration.nonce());
		return kept.get();
	}

	/** Makes or widens an entry, and removes those of others that are expired. */
	void addCandidate(Session session, Registration registration) throws SQLException {
		session.execute(this.tables.in(PostgresSql.ADD_CANDIDATE), registration.nonce(), registration.candidateId(),
				Attributes.encode(registration.attributes()), registration.elections().toArray(String[]::new),
				registration.keep().toMillis());
	}

	void removeCandidate(Session session, Registration registration) throws SQLException {
		session.execute(this.tables.in(PostgresSql.REMOVE_CANDIDATE), registration.elections().toArray(String[]::new),
				registration.nonce());
	}

	List<RosterEntry> candidates(Session session, String election) throws SQLException {
		List<RosterEntry> candidates = new ArrayList<>();
		session.query(this.tables.in(PostgresSql.CANDIDATES),
				(row) -> candidates.add(new RosterEntry(row.getString("nonce"), row.getString("holder"),
						Attributes.decode(row.getString("attributes")),
						Instant.ofEpochMilli(row.getLong("last_seen_ms")))),
				election);
		return candidates;
	}

	/** Passes on notifications until the connection is lost. */
	void watch(Session session, Duration requestTimeout, Consumer<Hint> hints) throws SQLException {
		PGConnection connection = session.unwrap(PGConnection.class);
		listen(session, requestTimeout);
		hints.accept(Hint.ANY);
		while (true) {
			PGNotification[] notifications = connection.getNotifications(CHECK_MILLIS);
			for (PGNotification notification : notifications) {
				hints.accept(hint(notification.getParameter()));
			}
			if (notifications.length == 0) {
				// Changes nothing, but fails if the connection is dead
				listen(session, requestTimeout);
			}
		}
	}

	static Hint hint(String payload) {
		Matcher parts = PAYLOAD.matcher(payload);
		if (!parts.matches()) {
			return Hint.ANY; // of somebody else
		}
		String election = parts.group("name");
		return (parts.group("term") == null) ? Hint.of(election) : new Hint(election, new LeaseRecord.Vacant(
				new Lease(election, "", Long.parseLong(parts.group("term")), Long.parseLong(parts.group("revision")))));
	}

	private void listen(Session session, Duration requestTimeout) throws SQLException {
		session.limit(requestTimeout);
		session.execute("LISTEN " + this.channel);
	}

	/** What happened and, where that is known, what to do about it. */
	String explain(SQLException ex) {
		String problem = String.valueOf(ex.getMessage()).lines().findFirst().orElse("");
		String cause = (ex.getCause() != null) ? " (" + ex.getCause() + ")" : "";
		return "PostgreSQL at " + this.settings.shownUrl() + ": " + problem + cause
				+ advice(String.valueOf(ex.getSQLState()));
	}

	private String advice(String state) {
		return switch (state) {
			case "42P01", "42703" -> ". election.jdbc.schema and election.jdbc.table-prefix say where tables are;"
					+ " election.jdbc.initialize-schema=always has missing ones created, else let whoever may create"
					+ " tables execute " + SCHEMA_FILE + " of the class path";
			case "3F000" -> ". The schema that election.jdbc.schema names has to exist";
			case "42501" -> this.tables.in(". The user needs USAGE of the schema;"
					+ " SELECT, INSERT and UPDATE on election_lease and election_fence;"
					+ " SELECT, INSERT, UPDATE and DELETE on election_candidate. To create them, it needs CREATE on the"
					+ " schema; else let whoever may create tables execute ") + SCHEMA_FILE + " of the class path";
			case "25006" -> ". This server takes no writes; the URL has to lead to the primary";
			case "28P01", "28000" ->
				". Check election.jdbc.username and election.jdbc.password, or those of spring.datasource";
			default -> "";
		};
	}

	private static Lease lease(ResultSet row) throws SQLException {
		return new Lease(row.getString("name"), row.getString("nonce"), row.getLong("term"), row.getLong("revision"));
	}

	private static <T> @Nullable String[] texts(List<T> values, Function<T, @Nullable String> part) {
		return values.stream().map(part).toArray(String[]::new);
	}

	private static <T> @Nullable Long[] numbers(List<T> values, Function<T, @Nullable Long> part) {
		return values.stream().map(part).toArray(Long[]::new);
	}

}
