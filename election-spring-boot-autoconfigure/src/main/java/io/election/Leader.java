package io.election;

import java.time.Instant;
import java.util.Map;

/**
 * The leader of an election as last observed.
 *
 * @param candidateId the label of the leader
 * @param fencingToken the token of its term, 0 where the backend can give none
 * @param since when its term began, by the clock of the backend (of this machine if it is
 * this candidate's own term); for people only
 * @param attributes what the leader tells about itself. They come from another process:
 * do not trust them more than other input
 */
public record Leader(String candidateId, long fencingToken, Instant since, Map<String, String> attributes) {
}
