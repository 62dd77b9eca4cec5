-- Tables of leader election, PostgreSQL.
--
-- Executed on first contact with election.jdbc.initialize-schema=always. With "never",
-- have it executed by whoever may create tables. Other names: election.jdbc.schema and
-- election.jdbc.table-prefix.

-- Who holds the lease of an election; nonce is empty where nobody does. No index on what
-- a renewal changes, and room on every page: renewals are heap-only updates.
CREATE TABLE IF NOT EXISTS election_lease (
	name        text COLLATE "C" PRIMARY KEY,
	nonce       text        NOT NULL,
	term        bigint      NOT NULL,
	revision    bigint      NOT NULL,
	holder      text        NOT NULL,
	attributes  text        NOT NULL,
	lease_ms    bigint      NOT NULL,
	deadline_ms bigint      NOT NULL,
	acquired_at timestamptz NOT NULL,
	renewed_at  timestamptz NOT NULL
) WITH (fillfactor = 50);

-- The last term of an election and its lease, written only when the term changes. A
-- transaction that holds a lock on a row (SELECT ... FOR SHARE) keeps the term from
-- changing, and blocks no renewal. Keep it when deleting a lease, or tokens start anew.
CREATE TABLE IF NOT EXISTS election_fence (
	name     text COLLATE "C" PRIMARY KEY,
	term     bigint NOT NULL,
	lease_ms bigint NOT NULL
);

-- Who takes part, one row for each process.
CREATE TABLE IF NOT EXISTS election_candidate (
	nonce      text COLLATE "C" PRIMARY KEY,
	holder     text        NOT NULL,
	attributes text        NOT NULL,
	elections  text[] COLLATE "C" NOT NULL,
	keep_ms    bigint      NOT NULL,
	last_seen  timestamptz NOT NULL
) WITH (fillfactor = 50);

-- What an application's user needs if it did not create them, beside USAGE of the schema:
-- GRANT SELECT, INSERT, UPDATE ON election_lease, election_fence TO app;
-- GRANT SELECT, INSERT, UPDATE, DELETE ON election_candidate TO app;
