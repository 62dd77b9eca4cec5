package io.election.store.jdbc;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class JsonTests {

	@Test
	void rowsAreArrays() {
		assertThat(Json.rows(List.of(List.of("a", 1L), Arrays.asList("b", null))))
			.isEqualTo("[[\"a\",1],[\"b\",null]]");
		assertThat(Json.rows(List.of())).isEqualTo("[]");
	}

	@Test
	void whatHasAMeaningInJsonIsEscaped() {
		assertThat(Json.rows(List.of(List.of("\"a\\b'€😀\n\u0001")))).isEqualTo("[[\"\\\"a\\\\b'€😀\\u000a\\u0001\"]]");
	}

	@Test
	void keysAreAnObject() {
		assertThat(Json.keys(List.of("a", "\""), 1)).isEqualTo("{\"a\":1,\"\\\"\":1}");
		assertThat(Json.keys(List.of("a"), null)).isEqualTo("{\"a\":null}");
	}

}
