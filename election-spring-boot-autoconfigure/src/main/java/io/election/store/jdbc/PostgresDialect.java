package io.election.store.jdbc;

import java.sql.SQLException;
import java.time.Duration;
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
 * PostgreSQL. Each method is one statement.
 */
final class PostgresDialect extends Dialect {

	static final String NAME = "postgres";

	private static final int CHECK_MILLIS = 60_000;

	/** With term and revision if the record is vacant. */
	private static final Pattern PAYLOAD = Pattern.compile("((?<term>\\d{1,18}):(?<revision>\\d{1,18}))?:(?<name>.+)");

	/** By an administrator, with the crash of another session, for being idle. */
	private static final Set<String> SESSION_TERMINATED = Set.of("57P01", "57P02", "57P05");

	private static final String DENIED = "42501";

	/**
	 * The states of: no such table, column, schema or database, no privilege, no login.
	 */
	private static final Set<String> LASTING = Set.of("42P01", "42703", "3F000", "3D000", DENIED, "28P01", "28000");

	private final String channel;

	PostgresDialect(JdbcSettings settings) {
		super(withoutUser(settings), "PostgreSQL", "schema-postgresql.sql", "\"");
		this.channel = String.format(Locale.ROOT, "election_%08x_%08x",
				(settings.schema() != null) ? settings.schema().hashCode() : 0, settings.tablePrefix().hashCode());
	}

	/**
	 * Checked before the driver sees the URL, which would log what is behind the colon.
	 */
	private static JdbcSettings withoutUser(JdbcSettings settings) {
		if (settings.url().replaceFirst("\\?.*", "").contains("@")) {
			throw new IllegalArgumentException("The JDBC URL holds a user name, which PostgreSQL's driver takes"
					+ " for a part of the host. Move it to the properties for user name and password");
		}
		return settings;
	}

	@Override
	String name() {
		return NAME;
	}

	@Override
	String adviceOnLocks() {
		return "Transactions that have been open for long are in pg_stat_activity (xact_start), locks in pg_locks";
	}

	@Override
	int watchers() {
		return 1;
	}

	@Override
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
		return this.connector.connect(properties, limit);
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

	/** There are hints if it leads to the server itself, not to a pooler. */
	@Override
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

	@Override
	boolean createMissingTables(Session session) throws SQLException {
		AtomicBoolean found = new AtomicBoolean();
		session.query(this.tables.in(PostgresSql.FIND_TABLES), (row) -> found.set(row.getBoolean(1)));
		if (!found.get()) {
			// One request, thus one transaction
			session.execute(PostgresSql.LOCK_TABLES + schema());
		}
		return !found.get();
	}

	@Override
	String currentSchema() {
		return PostgresSql.CURRENT_SCHEMA;
	}

	@Override
	Map<String, LeaseRecord> read(Session session, Collection<String> elections) throws SQLException {
		Map<String, LeaseRecord> records = new HashMap<>();
		session.query(this.tables.in(PostgresSql.READ), (row) -> records.put(row.getString("name"), record(row)),
				(Object) elections.toArray(String[]::new));
		return records;
	}

	@Override
	void addRows(Session session, Collection<String> elections) throws SQLException {
		session.execute(this.tables.in(PostgresSql.ADD_FENCES), (Object) elections.toArray(String[]::new));
	}

	@Override
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
		Lease seen = seenBy(claim);
		return (seen != null) ? part.apply(seen) : null;
	}

	@Override
	Map<String, Lease> renew(Session session, List<Lease> leases) throws SQLException {
		Map<String, Lease> renewed = new HashMap<>();
		session.query(this.tables.in(PostgresSql.RENEW), (row) -> renewed.put(row.getString("name"), lease(row)),
				texts(leases, Lease::election), texts(leases, Lease::nonce), numbers(leases, Lease::term),
				numbers(leases, Lease::revision));
		return renewed;
	}

	@Override
	Set<String> release(Session session, List<Lease> leases) throws SQLException {
		Set<String> released = new HashSet<>();
		session.query(this.tables.in(PostgresSql.RELEASE), (row) -> released.add(row.getString("name")),
				texts(leases, Lease::election), texts(leases, Lease::nonce), numbers(leases, Lease::term),
				this.channel);
		return released;
	}

	@Override
	boolean keepCandidate(Session session, Registration registration) throws SQLException {
		AtomicBoolean kept = new AtomicBoolean();
		session.query(this.tables.in(PostgresSql.KEEP_CANDIDATE), (row) -> kept.set(true), registration.nonce());
		return kept.get();
	}

	@Override
	void addCandidate(Session session, Registration registration) throws SQLException {
		session.execute(this.tables.in(PostgresSql.ADD_CANDIDATE), registration.nonce(), registration.candidateId(),
				Attributes.encode(registration.attributes()), registration.elections().toArray(String[]::new),
				registration.keep().toMillis());
	}

	@Override
	void removeCandidate(Session session, Registration registration) throws SQLException {
		session.execute(this.tables.in(PostgresSql.REMOVE_CANDIDATE), registration.elections().toArray(String[]::new),
				registration.nonce());
	}

	@Override
	List<RosterEntry> candidates(Session session, String election) throws SQLException {
		List<RosterEntry> candidates = new ArrayList<>();
		session.query(this.tables.in(PostgresSql.CANDIDATES), (row) -> candidates.add(candidate(row)), election);
		return candidates;
	}

	@Override
	boolean watch(Session session, Duration requestTimeout, @Nullable Doorbell doorbell, Consumer<Hint> hints)
			throws SQLException {
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

	@Override
	boolean isConnectionError(SQLException ex) {
		String state = String.valueOf(ex.getSQLState());
		return state.startsWith("08") || SESSION_TERMINATED.contains(state);
	}

	@Override
	String advice(SQLException ex) {
		return switch (String.valueOf(ex.getSQLState())) {
			case "42P01", "42703" -> adviceOnTables();
			case "3F000" -> adviceOnSchema("currentSchema in the URL, the pool or the search_path of the user");
			case DENIED -> adviceOnPrivileges("USAGE of the schema; ");
			case "25006" -> adviceOnReplica("default_transaction_read_only");
			case "28P01", "28000" -> adviceOnCredentials();
			default -> "";
		};
	}

	@Override
	boolean isLasting(SQLException ex) {
		return ex.getSQLState() != null && LASTING.contains(ex.getSQLState());
	}

	@Override
	boolean isDenied(SQLException ex) {
		return DENIED.equals(ex.getSQLState());
	}

	private static <T> @Nullable String[] texts(List<T> values, Function<T, @Nullable String> part) {
		return values.stream().map(part).toArray(String[]::new);
	}

	private static <T> @Nullable Long[] numbers(List<T> values, Function<T, @Nullable Long> part) {
		return values.stream().map(part).toArray(Long[]::new);
	}

}
