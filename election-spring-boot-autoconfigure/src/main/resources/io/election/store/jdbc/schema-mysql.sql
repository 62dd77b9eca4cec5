-- Tables of leader election, MySQL and MariaDB. The special comments have either compare
-- names by their characters: case, accents and spaces at the end count.
--
-- Executed on first contact with election.jdbc.initialize-schema=always. With "never",
-- have it executed by whoever may create tables. Other names: election.jdbc.schema and
-- election.jdbc.table-prefix.

-- Who holds the lease of an election; nonce is empty where nobody does, and term is 0
-- where nobody ever did. Times are UTC.
CREATE TABLE IF NOT EXISTS election_lease (
	name        VARCHAR(255) NOT NULL PRIMARY KEY,
	nonce       VARCHAR(255) NOT NULL,
	term        BIGINT       NOT NULL,
	revision    BIGINT       NOT NULL,
	holder      MEDIUMTEXT   NOT NULL,
	attributes  MEDIUMTEXT   NOT NULL,
	lease_ms    BIGINT       NOT NULL,
	deadline_ms BIGINT       NOT NULL,
	acquired_at DATETIME(6)  NOT NULL,
	renewed_at  DATETIME(6)  NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

-- The last term of an election and its lease, written only when the term changes. A
-- transaction that holds a lock on a row (SELECT ... LOCK IN SHARE MODE) keeps the term
-- from changing, and blocks no renewal. Keep it when deleting a lease, or tokens start
-- anew.
CREATE TABLE IF NOT EXISTS election_fence (
	name     VARCHAR(255) NOT NULL PRIMARY KEY,
	term     BIGINT       NOT NULL,
	lease_ms BIGINT       NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

-- Who takes part, one row for each process. The elections are the keys of an object.
CREATE TABLE IF NOT EXISTS election_candidate (
	nonce      VARCHAR(255) NOT NULL PRIMARY KEY,
	holder     MEDIUMTEXT   NOT NULL,
	attributes MEDIUMTEXT   NOT NULL,
	elections  JSON         NOT NULL,
	keep_ms    BIGINT       NOT NULL,
	last_seen  DATETIME(6)  NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

-- What an application's user needs if it did not create them:
-- GRANT SELECT, INSERT, UPDATE ON election_lease TO app;
-- GRANT SELECT, INSERT, UPDATE ON election_fence TO app;
-- GRANT SELECT, INSERT, UPDATE, DELETE ON election_candidate TO app;
