package io.election.store.jdbc;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

import io.election.store.LeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is expected of failures of a store, whatever the database.
 */
final class StoreFailures {

	private StoreFailures() {
	}

	/** A call fails with a message of one line, and a stack trace without the secret. */
	static void assertFails(Class<? extends Exception> type, LeaseStore store, String election, String secret,
			String... parts) {
		assertThatExceptionOfType(type).isThrownBy(() -> store.read(List.of(election))).satisfies((ex) -> {
			assertThat(ex.getMessage()).contains(parts).doesNotContain("\n");
			StringWriter trace = new StringWriter();
			ex.printStackTrace(new PrintWriter(trace));
			assertThat(trace.toString()).doesNotContain(secret);
		});
	}

}
