package io.election.store.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.Attributes;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.Registration;
import io.election.store.RosterEntry;

import static java.util.Comparator.comparing;

/**
 * MySQL and MariaDB, with the driver of either.
 */
final class MySqlDialect extends Dialect {

	static final String NAME = "mysql";

	/** No timeout ends a write, so a request has to fit. */
	static final int SEND_BUFFER = 512 * 1024;

	private static final Duration CHECK_PERIOD = Duration.ofSeconds(60);

	/** How long a candidate that competes needs to claim what is vacant, amply. */
	private static final Duration CLAIM = Duration.ofMillis(100);

	/** Whoever was rung up takes the lease in about this time. */
	private static final Duration SUCCESSION = Duration.ofMillis(5);

	private static final int LOOKS_FOR_SUCCESSOR = 10;

	private static final int TABLE_ACCESS_DENIED = 1142;

	private static final int COLUMN_ACCESS_DENIED = 1143;

	private static final int NO_SUCH_TABLE = 1146;

	/**
	 * The codes of: no such table, column or database, no privilege, no login, the wrong
	 * format of binary logs, a version that is too old, keys that are too long.
	 */
	private static final Set<Integer> LASTING = Set.of(NO_SUCH_TABLE, 1054, 1049, TABLE_ACCESS_DENIED,
			COLUMN_ACCESS_DENIED, 1044, 1045, 1698, 1665, 1064, 1071, 1709);

	/** A URL of a mode of the driver that uses several servers at once. */
	private static final Pattern SPREADING = Pattern
		.compile("(?i)(?<plain>jdbc:([^/]*:)?(mysql|mysql\\+srv|mariadb):)(?!sequential:)(?<mode>[^:/]+)://");

	private static final String READ_ONLY = "read_only, super_read_only or transaction_read_only";

	private static final int LOCK_WAIT_TIMEOUT = 1205;

	private static final int DEADLOCK = 1213;

	/** User locks, by clusters of MariaDB. */
	private static final int NOT_SUPPORTED = 1235;

	private static final int CONNECTION_KILLED = 1927;

	private static final int DISCONNECTED_WHILE_IDLE = 4031;

	/**
	 * By how much the next write raises revisions. No two writes raise one by the same,
	 * so that what is read back tells which write it is of.
	 */
	private final AtomicLong step = new AtomicLong();

	MySqlDialect(JdbcSettings settings) {
		super(withOneConnectionEach(settings), "MySQL", "schema-mysql.sql", "`");
	}

	/**
	 * Refuses URLs whose connections are several ones in truth. Statements may then go to
	 * different servers, and even where they do not, one that is not needed fails them
	 * all when it is down.
	 */
	private static JdbcSettings withOneConnectionEach(JdbcSettings settings) {
		Matcher mode = SPREADING.matcher(settings.url());
		if (settings.dataSource() == null && mode.lookingAt()) {
			throw new IllegalArgumentException(("\"%s\" spreads statements over servers (%s), but elections need one. "
					+ "Set election.jdbc.url to %s//, followed by the primary or by hosts that are tried in order")
				.formatted(settings.shownUrl(), mode.group("mode"), mode.group("plain")));
		}
		return settings;
	}

	@Override
	String name() {
		return NAME;
	}

	@Override
	String adviceOnLocks() {
		return "Transactions that have been open for long are in information_schema.innodb_trx, "
				+ "and SHOW ENGINE INNODB STATUS tells what they have locked";
	}

	@Override
	int watchers() {
		return this.settings.doorbells();
	}

	@Override
	Session connect(Duration limit) throws SQLException {
		Properties properties = new Properties();
		// They are tried in order, and one that does not answer leaves time for the next
		String millis = String.valueOf(limit.toMillis() / hosts());
		properties.setProperty("connectTimeout", millis);
		properties.setProperty("socketTimeout", millis);
		properties.setProperty("tcpKeepAlive", "true");
		properties.setProperty("tcpSndBuf", String.valueOf(SEND_BUFFER));
		properties.setProperty("useServerPrepStmts", "true");
		properties.setProperty("cachePrepStmts", "true");
		properties.setProperty("prepStmtCacheSize", "50");
		properties.setProperty("prepStmtCacheSqlLimit", "8192");
		properties.setProperty("characterEncoding", "UTF-8");
		properties.setProperty("maxRows", "-1");
		properties.setProperty("useCursorFetch", "false");
		properties.setProperty("defaultFetchSize", "0");
		// A new connection is to be configured, which drivers would not know
		properties.setProperty("autoReconnect", "false");
		properties.setProperty("retriesAllDown", "1");
		// Or Connector/J changes to the first host some time, behind our back
		properties.setProperty("queriesBeforeSourceRetry", "0");
		properties.setProperty("secondsBeforeSourceRetry", "0");
		properties.setProperty("pool", "false");
		properties.setProperty("transactionReplay", "false");
		properties.setProperty("failOverReadOnly", "false");
		properties.setProperty("assureReadOnly", "false");
		// Or Connector/J asks the server before every update whether it is read-only
		properties.setProperty("readOnlyPropagatesToServer", "false");
		return this.connector.connect(properties, limit);
	}

	/** How many hosts the URL has, each of which may be in parentheses. */
	private int hosts() {
		return this.settings.shownUrl().replaceAll("\\([^)]*\\)", "").split(",", -1).length;
	}

	@Override
	boolean configure(Session session, Duration requestTimeout) throws SQLException {
		session.execute(String.format(Locale.ROOT, MySqlSql.CONFIGURE, requestTimeout.toSeconds() + 1));
		session.execute(MySqlSql.CONFIGURE_TRANSACTIONS);
		return true;
	}

	@Override
	boolean createMissingTables(Session session) throws SQLException {
		AtomicLong found = new AtomicLong();
		List<String> names = this.tables.names();
		session.query(MySqlSql.FIND_TABLES, (row) -> found.set(row.getLong(1)),
				Objects.requireNonNullElse(this.settings.schema(), ""), names.get(0), names.get(1), names.get(2));
		if (found.get() == names.size()) {
			return false;
		}
		try {
			for (String statement : schema().replaceAll("(?m)^--.*", "").split(";", -1)) {
				if (!statement.isBlank()) {
					session.execute(statement);
				}
			}
			return true;
		}
		catch (SQLException ex) {
			if (ex.getErrorCode() == TABLE_ACCESS_DENIED && isTableOutOfReach(session)) {
				return false; // it is there, and what needs it will say what is missing
			}
			throw ex;
		}
	}

	/** The server shows nobody a table that he may do nothing to. */
	private boolean isTableOutOfReach(Session session) throws SQLException {
		try {
			session.execute(this.tables.in(MySqlSql.TRY_TABLES));
			return false;
		}
		catch (SQLException ex) {
			if (ex.getErrorCode() != NO_SUCH_TABLE && ex.getErrorCode() != TABLE_ACCESS_DENIED) {
				throw ex;
			}
			return ex.getErrorCode() == TABLE_ACCESS_DENIED;
		}
	}

	@Override
	String currentSchema() {
		return MySqlSql.CURRENT_SCHEMA;
	}

	@Override
	Map<String, LeaseRecord> read(Session session, Collection<String> elections) throws SQLException {
		Map<String, LeaseRecord> records = new HashMap<>();
		session.query(this.tables.in(MySqlSql.READ), (row) -> records.put(row.getString("name"), record(row)),
				names(elections));
		return records;
	}

	@Override
	void addRows(Session session, Collection<String> elections) throws SQLException {
		change(session, MySqlSql.ADD_FENCES, names(elections));
		change(session, MySqlSql.ADD_LEASES, names(elections));
	}

	/**
	 * Executes a statement that the server takes back as a whole if it gets in the way of
	 * others.
	 * @return how many rows it changed
	 */
	private long change(Session session, String sql, Object... arguments) throws SQLException {
		try {
			return session.execute(this.tables.in(sql), arguments);
		}
		catch (SQLException ex) {
			if (ex.getErrorCode() == DEADLOCK || ex.getErrorCode() == LOCK_WAIT_TIMEOUT) {
				return 0;
			}
			throw ex;
		}
	}

	@Override
	Map<String, Lease> acquire(Session session, List<Claim> claims) throws SQLException {
		long step = this.step.incrementAndGet();
		long rows = change(session, MySqlSql.ACQUIRE, step,
				Json.rows(claims.stream().sorted(comparing(Claim::election)).map(MySqlDialect::row).toList()));
		Map<String, Lease> taken = new HashMap<>();
		if (rows > 0) {
			Map<String, Lease> present = readBack(session, claims.stream().map(Claim::election).toList());
			for (Claim claim : claims) {
				Lease seen = seenBy(claim);
				Lease lease = present.get(claim.election());
				if (lease != null && lease.nonce().equals(claim.candidate().nonce())
						&& lease.revision() == ((seen != null) ? seen.revision() : 0) + step) {
					taken.put(claim.election(), lease);
				}
			}
		}
		return taken;
	}

	private static List<@Nullable Object> row(Claim claim) {
		Lease seen = seenBy(claim);
		return Arrays.asList(claim.election(), (seen != null) ? seen.nonce() : "", (seen != null) ? seen.term() : 0,
				(seen != null) ? seen.revision() : 0, (seen != null) ? null : claim.seen().term(), claim.highestTerm(),
				claim.candidate().nonce(), claim.candidate().candidateId(),
				Attributes.encode(claim.candidate().attributes()), claim.timing().leaseDuration().toMillis(),
				claim.timing().renewDeadline().toMillis());
	}

	@Override
	Map<String, Lease> renew(Session session, List<Lease> leases) throws SQLException {
		long step = this.step.incrementAndGet();
		long rows = change(session, MySqlSql.RENEW, step, rows(leases));
		Map<String, Lease> present = (rows > 0 && rows < leases.size())
				? readBack(session, leases.stream().map(Lease::election).toList()) : Map.of();
		Map<String, Lease> renewed = new HashMap<>();
		for (Lease lease : leases) {
			Lease next = new Lease(lease.election(), lease.nonce(), lease.term(), lease.revision() + step);
			if (rows == leases.size() || next.equals(present.get(lease.election()))) {
				renewed.put(lease.election(), next);
			}
		}
		return renewed;
	}

	@Override
	Set<String> release(Session session, List<Lease> leases) throws SQLException {
		long rows = change(session, MySqlSql.RELEASE, this.step.incrementAndGet(), rows(leases));
		Set<String> released = new HashSet<>();
		if (rows == leases.size()) {
			leases.forEach((lease) -> released.add(lease.election()));
		}
		return released;
	}

	private Map<String, Lease> readBack(Session session, List<String> elections) throws SQLException {
		Map<String, Lease> present = new HashMap<>();
		session.query(this.tables.in(MySqlSql.READ_BACK), (row) -> present.put(row.getString("name"), lease(row)),
				names(elections));
		return present;
	}

	@Override
	boolean keepCandidate(Session session, Registration registration) throws SQLException {
		return session.execute(this.tables.in(MySqlSql.KEEP_CANDIDATE), registration.nonce()) > 0;
	}

	@Override
	void addCandidate(Session session, Registration registration) throws SQLException {
		String attributes = Attributes.encode(registration.attributes());
		String elections = Json.keys(registration.elections(), 1);
		long keep = registration.keep().toMillis();
		session.execute(this.tables.in(MySqlSql.REMOVE_EXPIRED_CANDIDATES), registration.nonce());
		long changed = session.execute(this.tables.in(MySqlSql.CHANGE_CANDIDATE), registration.nonce(),
				registration.candidateId(), attributes, elections, keep);
		if (changed == 0) {
			session.execute(this.tables.in(MySqlSql.ADD_CANDIDATE), registration.nonce(), registration.candidateId(),
					attributes, elections, keep, registration.nonce());
		}
	}

	@Override
	void removeCandidate(Session session, Registration registration) throws SQLException {
		session.execute(this.tables.in(MySqlSql.LEAVE), registration.nonce(),
				Json.keys(registration.elections(), null));
		session.execute(this.tables.in(MySqlSql.REMOVE_CANDIDATE), registration.nonce());
	}

	@Override
	List<RosterEntry> candidates(Session session, String election) throws SQLException {
		List<RosterEntry> candidates = new ArrayList<>();
		session.query(this.tables.in(MySqlSql.CANDIDATES), (row) -> candidates.add(candidate(row)),
				Json.keys(List.of(election), 1));
		return candidates;
	}

	@Override
	boolean watch(Session session, Duration requestTimeout, @Nullable Doorbell doorbell, Consumer<Hint> hints)
			throws SQLException {
		if (doorbell == null) {
			return false;
		}
		hints.accept(Hint.ANY);
		try {
			waitForRings(session, requestTimeout, doorbell, hints);
		}
		catch (SQLException ex) {
			if (ex.getErrorCode() != NOT_SUPPORTED) {
				throw ex;
			}
		}
		return false;
	}

	private void waitForRings(Session session, Duration requestTimeout, Doorbell doorbell, Consumer<Hint> hints)
			throws SQLException {
		while (true) {
			String election = doorbell.awaitElection(CHECK_PERIOD);
			if (election == null) {
				check(session, requestTimeout);
			}
			else if (lock(session, requestTimeout, election)) {
				if (doorbell.rung()) {
					session.limit(requestTimeout);
					LeaseRecord record = read(session, List.of(election)).get(election);
					if (record != null) {
						doorbell.read(record);
					}
					LeaseRecord.Vacant vacated = (record instanceof LeaseRecord.Vacant vacant) ? vacant : null;
					hints.accept(new Hint(election, vacated));
					if (vacated != null) {
						doorbell.awaitClaim(CLAIM);
					}
				}
				while (!doorbell.awaitEnd(CHECK_PERIOD, requestTimeout.multipliedBy(4))) {
					check(session, requestTimeout);
				}
				unlock(session, requestTimeout, election);
				awaitSuccessor(session, requestTimeout, doorbell, election);
				hints.accept(Hint.of(election));
			}
		}
	}

	/** Looks for a while whether somebody takes the lease: nobody rings then. */
	private void awaitSuccessor(Session session, Duration requestTimeout, Doorbell doorbell, String election)
			throws SQLException {
		boolean taken = false;
		for (int looks = 0; looks < LOOKS_FOR_SUCCESSOR && !taken; looks++) {
			doorbell.stayOut(SUCCESSION, requestTimeout.multipliedBy(2));
			session.limit(requestTimeout);
			taken = read(session, List.of(election)).get(election) instanceof LeaseRecord.Held;
		}
	}

	/** Waits in the user lock, which is how the server rings. */
	private boolean lock(Session session, Duration requestTimeout, String election) throws SQLException {
		AtomicBoolean locked = new AtomicBoolean();
		session.limit(CHECK_PERIOD.plus(requestTimeout));
		session.query(MySqlSql.GET_LOCK, (row) -> locked.set(row.getInt(1) == 1), scope(), election,
				CHECK_PERIOD.toSeconds());
		return locked.get();
	}

	private void unlock(Session session, Duration requestTimeout, String election) throws SQLException {
		session.limit(requestTimeout);
		session.execute(MySqlSql.RELEASE_LOCK, scope(), election);
	}

	/** What tells the user locks of different tables apart, beside the database. */
	private String scope() {
		String schema = this.settings.schema();
		return ((schema != null) ? schema : "") + "/" + this.settings.tablePrefix();
	}

	/** Changes nothing, but fails if the connection is dead. */
	private static void check(Session session, Duration requestTimeout) throws SQLException {
		session.limit(requestTimeout);
		session.execute(MySqlSql.CHECK);
	}

	@Override
	boolean isConnectionError(SQLException ex) {
		return String.valueOf(ex.getSQLState()).startsWith("08") || ex.getErrorCode() == CONNECTION_KILLED
				|| ex.getErrorCode() == DISCONNECTED_WHILE_IDLE;
	}

	@Override
	String advice(SQLException ex) {
		return switch (ex.getErrorCode()) {
			case NO_SUCH_TABLE, 1054 -> adviceOnTables();
			case 1046, 1049 -> adviceOnSchema("the URL or the pool").replace("schema that", "database that");
			case TABLE_ACCESS_DENIED, COLUMN_ACCESS_DENIED, 1044 -> adviceOnPrivileges("");
			case 1045, 1698 -> adviceOnCredentials();
			case 1290 -> String.valueOf(ex.getMessage()).contains("NO_ENGINE_SUBSTITUTION")
					? ". Tables of elections need InnoDB, and the server imposes another engine"
					: adviceOnReplica(READ_ONLY);
			case 1792, 1836 -> adviceOnReplica(READ_ONLY);
			case LOCK_WAIT_TIMEOUT, DEADLOCK, 3572 -> ". Another session locks tables or rows of elections";
			case 1071, 1709 ->
				". Tables need keys of 1020 bytes: ROW_FORMAT=DYNAMIC and an innodb_page_size of 8 KB or more";
			case 1665 -> ". binlog_format has to be ROW or MIXED";
			case 1064 -> ". Elections need MySQL 8.0.17 or MariaDB 10.6, or a later one";
			default -> "";
		};
	}

	@Override
	boolean isLasting(SQLException ex) {
		return LASTING.contains(ex.getErrorCode());
	}

	@Override
	boolean isDenied(SQLException ex) {
		return ex.getErrorCode() == TABLE_ACCESS_DENIED || ex.getErrorCode() == COLUMN_ACCESS_DENIED;
	}

	private static String names(Collection<String> elections) {
		return Json.rows(elections.stream().map(List::of).toList());
	}

	/** In one order, or two statements could wait for each other. */
	private static String rows(List<Lease> leases) {
		return Json.rows(leases.stream()
			.sorted(comparing(Lease::election))
			.map((lease) -> List.of(lease.election(), lease.nonce(), lease.term(), lease.revision()))
			.toList());
	}

}
