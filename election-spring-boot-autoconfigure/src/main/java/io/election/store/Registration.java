package io.election.store;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * The entry of a process in the rosters of its elections.
 *
 * @param nonce the identity of the process, the same in all its elections
 * @param candidateId its label
 * @param attributes what it tells about itself
 * @param elections the elections
 * @param keep how often the registration is repeated
 */
public record Registration(String nonce, String candidateId, Map<String, String> attributes, Set<String> elections,
		Duration keep) {
}
