package io.election.store.jdbc;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import io.election.store.Backend;
import io.election.store.TimedLeaseStoreContract;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract of stores, for a user that may do exactly what the shipped DDL says.
 */
class PostgresLeastPrivilegesIT extends TimedLeaseStoreContract implements FencingPageContract {

	private static final Postgres POSTGRES = new Postgres(new PostgresServer(PostgresVersion.V15));

	private final Backend backend = new JdbcBackend(
			Postgres.settings(POSTGRES.server().jdbcUrl(), "app", "secret", false));

	@BeforeAll
	static void start() {
		POSTGRES.server().start().execute(Postgres.schema(), "CREATE USER app PASSWORD 'secret'");
		Matcher grants = Pattern.compile("(?m)^-- (GRANT [^;]*);$").matcher(Postgres.schema());
		assertThat(grants.results().peek((grant) -> POSTGRES.server().execute(grant.group(1)))).hasSize(2);
		FencingPageContract.prepare(POSTGRES, "PostgreSQL");
	}

	@AfterAll
	static void stop() {
		POSTGRES.server().close();
	}

	@Override
	protected Backend backend() {
		return this.backend;
	}

	@Override
	public Database fencedDatabase() {
		return POSTGRES;
	}

	@Override
	public String heading() {
		return "PostgreSQL";
	}

	@Override
	public String limit() {
		return "SHOW idle_in_transaction_session_timeout";
	}

	@Override
	protected void deleteRecord(String election) throws Exception {
		POSTGRES.deleteRecord(election);
	}

	@Override
	protected void pass(Duration time) {
		POSTGRES.pass(time);
	}

	@Override
	protected void breakConnections() {
		POSTGRES.terminateSessions();
	}

}
