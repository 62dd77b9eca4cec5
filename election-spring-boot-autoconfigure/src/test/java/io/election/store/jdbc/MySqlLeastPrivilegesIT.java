package io.election.store.jdbc;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import io.election.store.Backend;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract of stores, for a user that may do exactly what the shipped DDL says.
 */
@ParameterizedClass
@EnumSource(names = { "MYSQL", "MARIADB" })
class MySqlLeastPrivilegesIT extends MySqlLeaseStoreContract implements FencingPageContract {

	private static @Nullable MySql mysql;

	private final MySql.Kind kind;

	MySqlLeastPrivilegesIT(MySql.Kind kind) {
		this.kind = kind;
	}

	@BeforeParameterizedClassInvocation
	static void start(MySql.Kind kind) {
		mysql = MySql.start(kind.server());
		mysql.server().execute(MySql.schema());
		mysql.server().createUser("app", "secret");
		assertThat(Pattern.compile("(?m)^-- (GRANT [^;]*);$").matcher(MySql.schema()).results())
			.extracting((MatchResult grant) -> grant.group(1))
			.hasSize(3)
			.allSatisfy(mysql.server()::execute);
		FencingPageContract.prepare(mysql, heading(kind));
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		mysql().server().close();
	}

	private static MySql mysql() {
		assertThat(mysql).isNotNull();
		return mysql;
	}

	@Override
	Database database() {
		return mysql();
	}

	@Override
	public Database fencedDatabase() {
		return mysql();
	}

	@Override
	public String heading() {
		return heading(this.kind);
	}

	private static String heading(MySql.Kind kind) {
		return kind.isMariaDb() ? "MariaDB" : "MySQL";
	}

	@Override
	public String limit() {
		return "SELECT @@" + (this.kind.isMariaDb() ? "idle_transaction_timeout" : "wait_timeout");
	}

	@Override
	protected Backend backend() {
		return new JdbcBackend(MySql.settings(mysql().server().jdbcUrl(), "app", "secret", false));
	}

	@Override
	protected void breakConnections() throws Exception {
		mysql().terminateSessions("app");
	}

}
