package io.election.store.jdbc;

import java.sql.SQLException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class MySqlDialectTests {

	private final MySqlDialect dialect = new MySqlDialect(
			MySql.settings("jdbc:mysql://localhost/app", "app", null, true));

	@ParameterizedTest
	@ValueSource(ints = { 1071, 1709 })
	void whatKeysNeedIsSaidWhereTheyAreTooLong(int code) {
		assertThat(this.dialect.explain(new SQLException("too long", "42000", code))).contains("ROW_FORMAT=DYNAMIC",
				"innodb_page_size");
	}

	@Test
	void aServerThatTakesNoWritesIsNoPrimary() {
		assertThat(this.dialect.explain(new SQLException("running with the --read-only option", "HY000", 1290)))
			.contains("the URL has to lead to the primary");
	}

}
