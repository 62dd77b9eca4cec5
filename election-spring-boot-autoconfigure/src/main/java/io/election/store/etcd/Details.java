package io.election.store.etcd;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import io.election.store.Attributes;
import io.etcd.jetcd.ByteSequence;

/**
 * What is known about a contender or candidate beside what its key tells.
 *
 * @param nonce its identity
 * @param candidateId its label
 * @param since when it became a contender, by its own clock, in milliseconds since the
 * epoch; 0 if it did not
 * @param attributes what it tells about itself
 */
record Details(String nonce, String candidateId, long since, Map<String, String> attributes) {

	private static final String NONCE = "nonce";

	private static final String CANDIDATE_ID = "id";

	private static final String SINCE = "since";

	private static final String ATTRIBUTE = "attribute.";

	ByteSequence encode() {
		Map<String, String> all = new HashMap<>();
		this.attributes.forEach((key, value) -> all.put(ATTRIBUTE + key, value));
		all.put(NONCE, this.nonce);
		all.put(CANDIDATE_ID, this.candidateId);
		all.put(SINCE, Long.toString(this.since));
		return ByteSequence.from(Attributes.encode(all), StandardCharsets.UTF_8);
	}

	static Details decode(ByteSequence text) {
		Map<String, String> all = Attributes.decode(text.toString(StandardCharsets.UTF_8));
		Map<String, String> attributes = new HashMap<>();
		all.forEach((key, value) -> {
			if (key.startsWith(ATTRIBUTE)) {
				attributes.put(key.substring(ATTRIBUTE.length()), value);
			}
		});
		return new Details(all.getOrDefault(NONCE, ""), all.getOrDefault(CANDIDATE_ID, ""),
				number(all.getOrDefault(SINCE, "0")), attributes);
	}

	private static long number(String text) {
		try {
			return Long.parseLong(text);
		}
		catch (NumberFormatException ex) {
			// Written by other hands; no reason to lose sight of the election
			return 0;
		}
	}

}
