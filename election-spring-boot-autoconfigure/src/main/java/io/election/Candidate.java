package io.election;

import java.time.Instant;
import java.util.Map;

/**
 * A participant of an election as entered in its roster.
 *
 * @param candidateId its label
 * @param attributes what it tells about itself. They come from another process: do not
 * trust them more than other input
 * @param lastSeen when it was last heard of, by the clock of the backend; for people only
 */
public record Candidate(String candidateId, Map<String, String> attributes, Instant lastSeen) {
}
