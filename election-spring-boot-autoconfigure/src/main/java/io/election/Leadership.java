package io.election;

import java.time.Instant;

/**
 * A term of this candidate's own leadership.
 *
 * @param election the name of the election
 * @param candidateId the label of this candidate
 * @param fencingToken greater than that of every earlier term of the election; a resource
 * that refuses writes with a lower token than the highest it has seen is safe from former
 * leaders
 * @param grantedAt when the term began, by this machine's wall clock; for people only
 */
public record Leadership(String election, String candidateId, long fencingToken, Instant grantedAt) {
}
