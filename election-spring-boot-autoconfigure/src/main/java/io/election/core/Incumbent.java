package io.election.core;

import java.util.Map;

/**
 * Who leads, as far as a candidate knows.
 *
 * @param nonce the leader's identity
 * @param term the fencing token of its term
 * @param candidateId its label
 * @param attributes what it tells about itself
 * @param since when the term began by the clock of the store, in milliseconds since the
 * epoch, or 0 for one's own term
 */
public record Incumbent(String nonce, long term, String candidateId, Map<String, String> attributes, long since) {
}
