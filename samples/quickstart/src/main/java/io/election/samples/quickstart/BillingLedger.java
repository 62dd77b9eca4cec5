package io.election.samples.quickstart;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * What the {@link BillingJob} writes to. It refuses a leader of the past.
 * <p>
 * A process can be suspended between asking whether it leads and writing, for longer than
 * its lease lasts, while another replica leads and writes. The fencing token tells the
 * two apart: each term of leadership has a greater one than those before.
 */
@Repository
class BillingLedger {

	private final JdbcClient jdbc;

	BillingLedger(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/**
	 * Book one run, unless a later leader has booked one.
	 * @param fencingToken the token of the leader's term
	 * @return whether the run was booked
	 */
	boolean book(long fencingToken) {
		return this.jdbc
			.sql("update billing set runs = runs + 1, fencing_token = :token where id = 1 and fencing_token <= :token")
			.param("token", fencingToken)
			.update() == 1;
	}

}
