package io.election.store;

import java.time.Instant;
import java.util.Map;

/**
 * A candidate as entered in the roster of an election.
 *
 * @param nonce its identity
 * @param candidateId its label
 * @param attributes what it tells about itself
 * @param lastSeen when it was last registered, by the clock of the backend
 */
public record RosterEntry(String nonce, String candidateId, Map<String, String> attributes, Instant lastSeen) {
}
