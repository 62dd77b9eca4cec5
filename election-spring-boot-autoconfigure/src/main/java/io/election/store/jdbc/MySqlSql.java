package io.election.store.jdbc;

/**
 * The SQL of {@link MySqlDialect}, with the default names of the tables, for MySQL and
 * MariaDB: each of the two takes the other's special comments for comments.
 * <p>
 * Every operation is a statement in a transaction of its own that answers with a number
 * and with no rows, so that no client can be suspended while it holds locks. The inner
 * query of an update locks the rows that are as expected, or skips them; the outer one
 * finds them locked, so that neither waits for a row, and compares once more all the
 * same: MariaDB at times lets go of a row in between. Both go by primary keys, whatever
 * the optimizer would rather do, because a scan locks rows that nobody asked for; the
 * limit keeps the two from being merged. Nothing in an update refers to what the update
 * changes. Times are UTC, and {@code SYSDATE()}: {@code NOW()} is when the statement
 * began.
 */
final class MySqlSql {

	private static final String NAMES = """
			JSON_TABLE(?, '$[*]' COLUMNS (name VARCHAR(255) CHARACTER SET utf8mb4 PATH '$[0]')) AS asked""";

	private static final String LEASES = """
			JSON_TABLE(?, '$[*]' COLUMNS (
				name VARCHAR(255) CHARACTER SET utf8mb4 PATH '$[0]',
				nonce VARCHAR(255) CHARACTER SET utf8mb4 PATH '$[1]',
				term BIGINT PATH '$[2]',
				revision BIGINT PATH '$[3]')) AS asked""";

	private static final String CLAIMS = """
			JSON_TABLE(?, '$[*]' COLUMNS (
				name VARCHAR(255) CHARACTER SET utf8mb4 PATH '$[0]',
				seen_nonce VARCHAR(255) CHARACTER SET utf8mb4 PATH '$[1]',
				seen_term BIGINT PATH '$[2]',
				seen_revision BIGINT PATH '$[3]',
				seen_fence BIGINT PATH '$[4]',
				highest_term BIGINT PATH '$[5]',
				nonce VARCHAR(255) CHARACTER SET utf8mb4 PATH '$[6]',
				holder LONGTEXT CHARACTER SET utf8mb4 PATH '$[7]',
				attributes LONGTEXT CHARACTER SET utf8mb4 PATH '$[8]',
				lease_ms BIGINT PATH '$[9]',
				deadline_ms BIGINT PATH '$[10]')) AS asked""";

	/** A lease that was never taken has no term. */
	static final String READ = """
			SELECT asked.name, lease.nonce, lease.term, lease.revision, lease.holder, lease.attributes,
				lease.lease_ms, lease.deadline_ms,
				TIMESTAMPDIFF(MICROSECOND, '1970-01-01', lease.acquired_at) DIV 1000 AS since_ms,
				TIMESTAMPDIFF(MICROSECOND, lease.renewed_at, SYSDATE(6)) DIV 1000 AS age_ms,
				fence.term AS fence_term, fence.lease_ms AS fence_lease_ms
			FROM %s
			LEFT JOIN election_lease AS lease ON lease.name = asked.name AND lease.term > 0
			LEFT JOIN election_fence AS fence ON fence.name = asked.name""".formatted(NAMES);

	/** Ordered, or two of these could wait for each other. */
	static final String ADD_FENCES = """
			INSERT INTO election_fence (name, term, lease_ms)
			SELECT asked.name, COALESCE(lease.term, 0), COALESCE(lease.lease_ms, 0)
			FROM %s
			LEFT JOIN election_lease AS lease ON lease.name = asked.name
			LEFT JOIN election_fence AS fence ON fence.name = asked.name
			WHERE fence.name IS NULL
			ORDER BY asked.name
			ON DUPLICATE KEY UPDATE term = election_fence.term""".formatted(NAMES);

	static final String ADD_LEASES = """
			INSERT INTO election_lease (name, nonce, term, revision, holder, attributes,
				lease_ms, deadline_ms, acquired_at, renewed_at)
			SELECT asked.name, '', 0, 0, '', '', 0, 0, SYSDATE(6), SYSDATE(6)
			FROM %s
			LEFT JOIN election_lease AS lease ON lease.name = asked.name
			WHERE lease.name IS NULL
			ORDER BY asked.name
			ON DUPLICATE KEY UPDATE term = election_lease.term""".formatted(NAMES);

	static final String ACQUIRE = """
			UPDATE (
				SELECT STRAIGHT_JOIN asked.name, asked.nonce, asked.holder, asked.attributes,
					asked.lease_ms, asked.deadline_ms, fence.term AS fence_term,
					lease.nonce AS former_nonce, lease.term AS former_term, lease.revision AS former_revision,
					GREATEST(lease.term, fence.term, asked.highest_term) + 1 AS term,
					lease.revision + ? AS revision
				FROM %s
				JOIN election_fence AS fence FORCE INDEX (PRIMARY) ON fence.name = asked.name
				JOIN election_lease AS lease FORCE INDEX (PRIMARY) ON lease.name = asked.name
				WHERE lease.nonce = asked.seen_nonce AND lease.term = asked.seen_term
					AND lease.revision = asked.seen_revision
					AND (asked.seen_fence IS NULL OR fence.term = asked.seen_fence)
				LIMIT 1000000 FOR UPDATE /*!80000 OF fence, lease */ SKIP LOCKED
			) AS taken
			STRAIGHT_JOIN election_fence AS fence FORCE INDEX (PRIMARY) ON fence.name = taken.name
				AND fence.term = taken.fence_term
			STRAIGHT_JOIN election_lease AS lease FORCE INDEX (PRIMARY) ON lease.name = taken.name
				AND lease.nonce = taken.former_nonce AND lease.term = taken.former_term
				AND lease.revision = taken.former_revision
			SET fence.term = taken.term, fence.lease_ms = taken.lease_ms,
				lease.nonce = taken.nonce, lease.term = taken.term, lease.revision = taken.revision,
				lease.holder = taken.holder, lease.attributes = taken.attributes,
				lease.lease_ms = taken.lease_ms, lease.deadline_ms = taken.deadline_ms,
				lease.acquired_at = SYSDATE(6), lease.renewed_at = SYSDATE(6)""".formatted(CLAIMS);

	static final String RENEW = """
			UPDATE (
				SELECT STRAIGHT_JOIN lease.name, lease.nonce, lease.term,
					lease.revision AS former_revision, lease.revision + ? AS revision
				FROM %s
				JOIN election_lease AS lease FORCE INDEX (PRIMARY) ON lease.name = asked.name
				WHERE lease.nonce = asked.nonce AND lease.term = asked.term AND lease.revision = asked.revision
				LIMIT 1000000 FOR UPDATE /*!80000 OF lease */ SKIP LOCKED
			) AS locked
			STRAIGHT_JOIN election_lease AS lease FORCE INDEX (PRIMARY) ON lease.name = locked.name
				AND lease.nonce = locked.nonce AND lease.term = locked.term
				AND lease.revision = locked.former_revision
			SET lease.revision = locked.revision, lease.renewed_at = SYSDATE(6)""".formatted(LEASES);

	static final String RELEASE = """
			UPDATE (
				SELECT STRAIGHT_JOIN lease.name, lease.nonce, lease.term,
					lease.revision AS former_revision, lease.revision + ? AS revision
				FROM %s
				JOIN election_lease AS lease FORCE INDEX (PRIMARY) ON lease.name = asked.name
				WHERE lease.nonce = asked.nonce AND lease.term = asked.term
				LIMIT 1000000 FOR UPDATE /*!80000 OF lease */ SKIP LOCKED
			) AS locked
			STRAIGHT_JOIN election_lease AS lease FORCE INDEX (PRIMARY) ON lease.name = locked.name
				AND lease.nonce = locked.nonce AND lease.term = locked.term
				AND lease.revision = locked.former_revision
			SET lease.nonce = '', lease.holder = '', lease.attributes = '',
				lease.revision = locked.revision, lease.renewed_at = SYSDATE(6)""".formatted(LEASES);

	/** What the given calls have written, or others since. */
	static final String READ_BACK = """
			SELECT lease.name, lease.nonce, lease.term, lease.revision
			FROM %s JOIN election_lease AS lease ON lease.name = asked.name""".formatted(NAMES);

	private static final String OWN_CANDIDATE = """
			(
				SELECT nonce FROM election_candidate FORCE INDEX (PRIMARY) WHERE nonce = ?
				LIMIT 1000000 FOR UPDATE SKIP LOCKED
			) AS locked
			STRAIGHT_JOIN election_candidate AS candidate FORCE INDEX (PRIMARY) ON candidate.nonce = locked.nonce""";

	static final String KEEP_CANDIDATE = """
			UPDATE %s
			SET candidate.last_seen = SYSDATE(6)""".formatted(OWN_CANDIDATE);

	static final String REMOVE_EXPIRED_CANDIDATES = """
			DELETE candidate FROM (
				SELECT nonce FROM election_candidate
				WHERE last_seen < SYSDATE(6) - INTERVAL (3000 * keep_ms) MICROSECOND AND nonce <> ?
				LIMIT 1000000 FOR UPDATE SKIP LOCKED
			) AS expired
			STRAIGHT_JOIN election_candidate AS candidate FORCE INDEX (PRIMARY) ON candidate.nonce = expired.nonce""";

	static final String CHANGE_CANDIDATE = """
			UPDATE %s
			SET candidate.holder = ?, candidate.attributes = ?,
				candidate.elections = JSON_MERGE_PATCH(candidate.elections, ?),
				candidate.keep_ms = ?, candidate.last_seen = SYSDATE(6)""".formatted(OWN_CANDIDATE);

	static final String ADD_CANDIDATE = """
			INSERT INTO election_candidate (nonce, holder, attributes, elections, keep_ms, last_seen)
			SELECT ?, ?, ?, ?, ?, SYSDATE(6) FROM DUAL
			WHERE NOT EXISTS (SELECT * FROM election_candidate WHERE nonce = ?)""";

	static final String LEAVE = """
			UPDATE %s
			SET candidate.elections = JSON_MERGE_PATCH(candidate.elections, ?)""".formatted(OWN_CANDIDATE);

	static final String REMOVE_CANDIDATE = """
			DELETE candidate FROM %s
			WHERE JSON_LENGTH(candidate.elections) = 0""".formatted(OWN_CANDIDATE);

	static final String CANDIDATES = """
			SELECT nonce, holder, attributes,
				TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_seen) DIV 1000 AS last_seen_ms
			FROM election_candidate
			WHERE JSON_CONTAINS(elections, ?)
				AND last_seen >= SYSDATE(6) - INTERVAL (3000 * keep_ms) MICROSECOND
			ORDER BY holder, nonce""";

	/** Settings that the server, the URL or the driver's properties may have changed. */
	static final String CONFIGURE = """
			SET NAMES utf8mb4, autocommit = 1, time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',
				sql_safe_updates = 0, sql_select_limit = DEFAULT, sql_big_selects = 1,
				wait_timeout = 86400, innodb_lock_wait_timeout = 1, lock_wait_timeout = %d
				/*!80000 , max_execution_time = 0 */ /*M! , max_statement_time = 0 */""";

	static final String CONFIGURE_TRANSACTIONS = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE";

	/**
	 * Not by a query of the tables, which fails where they are missing: drivers log that.
	 */
	static final String FIND_TABLES = """
			SELECT COUNT(*) FROM information_schema.tables
			WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name IN (?, ?, ?)""";

	static final String TRY_TABLES = "SELECT 1 FROM election_lease, election_fence, election_candidate LIMIT 0";

	static final String CURRENT_SCHEMA = "SELECT DATABASE()";

	private static final String LOCK_NAME = "SHA2(CONCAT(COALESCE(DATABASE(), ''), '/', ?, '/', ?), 256)";

	/** Names of locks are the server's, not a database's, and have 64 characters. */
	static final String GET_LOCK = "SELECT GET_LOCK(" + LOCK_NAME + ", ?)";

	static final String RELEASE_LOCK = "SELECT RELEASE_LOCK(" + LOCK_NAME + ")";

	static final String CHECK = "SELECT 1";

	private MySqlSql() {
	}

}
