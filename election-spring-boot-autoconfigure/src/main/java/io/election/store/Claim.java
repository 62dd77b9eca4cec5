package io.election.store;

import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;

/**
 * A candidate's claim to the lease of an election.
 *
 * @param candidate who claims
 * @param timing the numbers that the record is to carry
 * @param seen the record as the candidate last saw it; the claim is refused if it has
 * changed since
 * @param highestTerm the highest token that the candidate has seen, or that before its
 * first if none is as high; the token of the new term is higher than this, than that of
 * the record and than that of the fence
 */
public record Claim(Self candidate, Timing timing, LeaseRecord seen, long highestTerm) {

	/**
	 * The name of the election.
	 * @return the name
	 */
	public String election() {
		return this.candidate.election();
	}

}
