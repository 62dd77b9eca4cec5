package io.election.store.jdbc;

/**
 * The SQL of {@link PostgresDialect}, with the default names of the tables.
 * <p>
 * Every operation is one statement in a transaction of its own, so that no client can be
 * suspended while it holds locks; each row is either locked at once or skipped, so that
 * no statement waits for a row. A statement sees rows as they were when it began, but
 * where it locks a row that has changed since, PostgreSQL compares the conditions again
 * with the row as it is by then. Times are {@code clock_timestamp()}: {@code now()} is
 * when the transaction began. What was acknowledged has to outlive a crash, whatever the
 * user's {@code synchronous_commit} is.
 */
final class PostgresSql {

	static final String READ = """
			SELECT asked.name, lease.nonce, lease.term, lease.revision, lease.holder, lease.attributes,
				lease.lease_ms, lease.deadline_ms,
				floor(extract(epoch FROM lease.acquired_at) * 1000)::bigint AS since_ms,
				floor(extract(epoch FROM clock_timestamp() - lease.renewed_at) * 1000)::bigint AS age_ms,
				fence.term AS fence_term, fence.lease_ms AS fence_lease_ms
			FROM unnest(?::text[]) AS asked (name)
			LEFT JOIN election_lease AS lease ON lease.name = asked.name
			LEFT JOIN election_fence AS fence ON fence.name = asked.name""";

	static final String ADD_FENCES = """
			INSERT INTO election_fence (name, term, lease_ms)
			SELECT asked.name, coalesce(lease.term, 0), coalesce(lease.lease_ms, 0)
			FROM unnest(?::text[]) AS asked (name)
			LEFT JOIN election_lease AS lease ON lease.name = asked.name
			ORDER BY asked.name -- or two of these could wait for each other
			ON CONFLICT (name) DO NOTHING""";

	static final String ACQUIRE = """
			WITH asked AS (
				SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[],
					?::text[], ?::text[], ?::bigint[], ?::bigint[])
				AS asked (name, seen_nonce, seen_term, seen_revision, highest_term, nonce,
					holder, attributes, lease_ms, deadline_ms)
			), locked_fence AS (
				SELECT fence.name, fence.term
				FROM election_fence AS fence
				JOIN asked ON asked.name = fence.name
				FOR UPDATE OF fence SKIP LOCKED
			), locked_lease AS (
				SELECT lease.name, greatest(lease.term, locked_fence.term, asked.highest_term) + 1 AS term
				FROM election_lease AS lease
				JOIN asked ON asked.name = lease.name
				JOIN locked_fence ON locked_fence.name = lease.name
				WHERE lease.nonce = asked.seen_nonce AND lease.term = asked.seen_term
					AND lease.revision = asked.seen_revision
				FOR UPDATE OF lease SKIP LOCKED
			), updated AS (
				UPDATE election_lease AS lease
				SET nonce = asked.nonce, term = locked_lease.term, revision = lease.revision + 1,
					holder = asked.holder, attributes = asked.attributes,
					lease_ms = asked.lease_ms, deadline_ms = asked.deadline_ms,
					acquired_at = clock_timestamp(), renewed_at = clock_timestamp()
				FROM locked_lease JOIN asked ON asked.name = locked_lease.name
				WHERE lease.name = locked_lease.name
				RETURNING lease.name, lease.nonce, lease.term, lease.revision, lease.lease_ms
			), inserted AS ( -- where no record was seen, and none came and went since
				INSERT INTO election_lease AS lease (name, nonce, term, revision, holder, attributes,
					lease_ms, deadline_ms, acquired_at, renewed_at)
				SELECT asked.name, asked.nonce, greatest(locked_fence.term, asked.highest_term) + 1, 1,
					asked.holder, asked.attributes, asked.lease_ms, asked.deadline_ms,
					clock_timestamp(), clock_timestamp()
				FROM asked JOIN locked_fence ON locked_fence.name = asked.name
				WHERE asked.seen_nonce IS NULL AND locked_fence.term = asked.seen_term
				ON CONFLICT (name) DO NOTHING
				RETURNING lease.name, lease.nonce, lease.term, lease.revision, lease.lease_ms
			), taken AS (
				SELECT * FROM updated UNION ALL SELECT * FROM inserted
			), fenced AS (
				UPDATE election_fence AS fence SET term = taken.term, lease_ms = taken.lease_ms
				FROM taken WHERE fence.name = taken.name
			)
			SELECT name, nonce, term, revision, pg_notify(?, ':' || name), (SELECT set_config('synchronous_commit', 'on', true))
			FROM taken""";

	static final String RENEW = """
			WITH asked AS (
				SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[])
				AS asked (name, nonce, term, revision)
			), locked AS (
				SELECT lease.name
				FROM election_lease AS lease
				JOIN asked ON asked.name = lease.name
				WHERE lease.nonce = asked.nonce AND lease.term = asked.term AND lease.revision = asked.revision
				FOR UPDATE OF lease SKIP LOCKED
			)
			UPDATE election_lease AS lease SET revision = lease.revision + 1, renewed_at = clock_timestamp()
			FROM locked WHERE lease.name = locked.name
			RETURNING lease.name, lease.nonce, lease.term, lease.revision,
				(SELECT set_config('synchronous_commit', 'on', true))""";

	static final String RELEASE = """
			WITH asked AS (
				SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[]) AS asked (name, nonce, term)
			), locked AS (
				SELECT lease.name
				FROM election_lease AS lease
				JOIN asked ON asked.name = lease.name
				WHERE lease.nonce = asked.nonce AND lease.term = asked.term
				FOR UPDATE OF lease SKIP LOCKED
			), released AS (
				UPDATE election_lease AS lease SET nonce = '', holder = '', attributes = '',
					revision = lease.revision + 1, renewed_at = clock_timestamp()
				FROM locked WHERE lease.name = locked.name
				RETURNING lease.name, lease.term, lease.revision
			)
			SELECT name, pg_notify(?, term || ':' || revision || ':' || name), (SELECT set_config('synchronous_commit', 'on', true)) FROM released""";

	static final String KEEP_CANDIDATE = """
			UPDATE election_candidate SET last_seen = clock_timestamp()
			WHERE nonce IN (SELECT nonce FROM election_candidate WHERE nonce = ? FOR UPDATE SKIP LOCKED)
			RETURNING nonce""";

	static final String ADD_CANDIDATE = """
			WITH added AS (
				SELECT ?::text AS nonce, ?::text AS holder, ?::text AS attributes, ?::text[] AS elections,
					?::bigint AS keep_ms
			), expired AS (
				DELETE FROM election_candidate WHERE nonce IN (
					SELECT nonce FROM election_candidate
					WHERE last_seen < clock_timestamp() - 3 * keep_ms * interval '1 millisecond'
						AND nonce <> (SELECT nonce FROM added)
					FOR UPDATE SKIP LOCKED)
			), updated AS (
				UPDATE election_candidate AS candidate
				SET holder = added.holder, attributes = added.attributes,
					elections = ARRAY(SELECT unnest(candidate.elections) UNION SELECT unnest(added.elections)),
					keep_ms = added.keep_ms, last_seen = clock_timestamp()
				FROM added
				WHERE candidate.nonce IN (
					SELECT nonce FROM election_candidate WHERE nonce = added.nonce FOR UPDATE SKIP LOCKED)
			)
			INSERT INTO election_candidate (nonce, holder, attributes, elections, keep_ms, last_seen)
			SELECT nonce, holder, attributes, elections, keep_ms, clock_timestamp() FROM added
			ON CONFLICT (nonce) DO NOTHING""";

	static final String REMOVE_CANDIDATE = """
			WITH locked AS (
				SELECT nonce, ARRAY(SELECT unnest(elections) EXCEPT SELECT unnest(?::text[])) AS rest
				FROM election_candidate WHERE nonce = ? FOR UPDATE SKIP LOCKED
			), removed AS (
				DELETE FROM election_candidate AS candidate USING locked
				WHERE candidate.nonce = locked.nonce AND locked.rest = '{}'
			)
			UPDATE election_candidate AS candidate SET elections = locked.rest
			FROM locked WHERE candidate.nonce = locked.nonce AND locked.rest <> '{}'""";

	static final String CANDIDATES = """
			SELECT nonce, holder, attributes, floor(extract(epoch FROM last_seen) * 1000)::bigint AS last_seen_ms
			FROM election_candidate
			WHERE ? = ANY (elections)
				AND last_seen >= clock_timestamp() - 3 * keep_ms * interval '1 millisecond'
			ORDER BY holder, nonce""";

	/**
	 * Settings that a role, a database or the URL may have changed. Not behind a pooler,
	 * which would hand them on to others with the session: there they stay as they are. A
	 * pooler shows by the number of the server's process, which it makes up.
	 */
	static final String CONFIGURE = """
			SELECT set_config('default_transaction_isolation', 'read committed', false),
				set_config('default_transaction_read_only', 'off', false),
				set_config('statement_timeout', ?, false)
			WHERE pg_backend_pid() = ?""";

	static final String FIND_TABLES = """
			SELECT to_regclass('election_lease') IS NOT NULL AND to_regclass('election_fence') IS NOT NULL
				AND to_regclass('election_candidate') IS NOT NULL""";

	static final String CURRENT_SCHEMA = "SELECT current_schema()";

	/** Two at once would run into each other's names; the key is "election" in ASCII. */
	static final String LOCK_TABLES = "SELECT pg_advisory_xact_lock(7308332045387358062);\n";

	private PostgresSql() {
	}

}
