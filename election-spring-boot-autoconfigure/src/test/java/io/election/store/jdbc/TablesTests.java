package io.election.store.jdbc;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TablesTests {

	private static final String SQL = "SELECT name FROM election_lease JOIN election_fence";

	@Test
	void defaultNamesAreReplacedByConfiguredOnes() {
		assertThat(new Tables("own", "my_", "`").in(SQL))
			.isEqualTo("SELECT name FROM `own`.`my_lease` JOIN `own`.`my_fence`");
		assertThat(new Tables(null, "election_", "`").in(SQL))
			.isEqualTo("SELECT name FROM `election_lease` JOIN `election_fence`");
	}

	@Test
	void sqlIsPreparedOnce() {
		Tables tables = new Tables("own", "my_", "`");
		assertThat(tables.in(SQL)).isSameAs(tables.in(SQL));
	}

}
