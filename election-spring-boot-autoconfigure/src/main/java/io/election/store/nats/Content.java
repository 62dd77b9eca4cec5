package io.election.store.nats;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * What is written for an election, as text in the encoding of web forms.
 * <p>
 * The token of a term is the revision of the write that began it, so that it is higher
 * than that of every earlier term even where records were deleted, unless a candidate
 * knows of a higher one: then it is one more than that. The first write of a term cannot
 * know its own revision; it has the lowest token possible, and later ones the token.
 */
final class Content {

	private static final String NONCE = "nonce";

	private static final String CANDIDATE_ID = "id";

	private static final String TERM = "term";

	private static final String LOWEST_TERM = "lowest-term";

	private static final String SINCE = "since";

	private static final String LEASE_DURATION = "lease";

	private static final String RENEW_DEADLINE = "deadline";

	private static final String ATTRIBUTE = "attribute.";

	private final Map<String, String> fields = new HashMap<>();

	private Content() {
	}

	/**
	 * Begins a term.
	 * @param lowestTerm the token is not lower than this
	 * @param since the time, in milliseconds since the epoch
	 */
	static Content first(Self candidate, Timing timing, long lowestTerm, long since) {
		return new Content().with(LOWEST_TERM, lowestTerm)
			.with(NONCE, candidate.nonce())
			.with(CANDIDATE_ID, candidate.candidateId())
			.with(candidate.attributes())
			.with(SINCE, since)
			.with(LEASE_DURATION, timing.leaseDuration().toMillis())
			.with(RENEW_DEADLINE, timing.renewDeadline().toMillis());
	}

	/** Goes on with a term. */
	static Content next(LeaseRecord.Held held) {
		return new Content().with(TERM, held.term())
			.with(NONCE, held.lease().nonce())
			.with(CANDIDATE_ID, held.candidateId())
			.with(held.attributes())
			.with(SINCE, held.since())
			.with(LEASE_DURATION, held.leaseDuration().toMillis())
			.with(RENEW_DEADLINE, held.renewDeadline().toMillis());
	}

	/** Gives back the lease of a term. */
	static Content vacant(long term) {
		return new Content().with(TERM, term).with(NONCE, "");
	}

	/**
	 * The record that this content makes.
	 * @param election the name of the election
	 * @param revision the revision of the write
	 */
	LeaseRecord toRecord(String election, long revision) {
		String nonce = this.fields.get(NONCE);
		if (nonce == null) {
			// Deleted, or written by other hands. Every token so far is lower
			return new LeaseRecord.Vanished(revision, Duration.ZERO);
		}
		long term = this.fields.containsKey(TERM) ? number(TERM) : Math.max(number(LOWEST_TERM), revision);
		Lease lease = new Lease(election, nonce, term, revision);
		if (nonce.isEmpty()) {
			return new LeaseRecord.Vacant(lease);
		}
		Map<String, String> attributes = new HashMap<>();
		this.fields.forEach((field, value) -> {
			if (field.startsWith(ATTRIBUTE)) {
				attributes.put(field.substring(ATTRIBUTE.length()), value);
			}
		});
		return new LeaseRecord.Held(lease, this.fields.getOrDefault(CANDIDATE_ID, ""), attributes, number(SINCE),
				Duration.ofMillis(number(LEASE_DURATION)), Duration.ofMillis(number(RENEW_DEADLINE)), Duration.ZERO);
	}

	String encode() {
		return Attributes.encode(this.fields);
	}

	/**
	 * Reads what was written.
	 * @param text the text, {@code null} for nothing
	 */
	static Content decode(byte @Nullable [] text) {
		Content content = new Content();
		if (text != null) {
			content.fields.putAll(Attributes.decode(new String(text, StandardCharsets.UTF_8)));
		}
		return content;
	}

	private Content with(String field, String value) {
		this.fields.put(field, value);
		return this;
	}

	private Content with(String field, long value) {
		return with(field, Long.toString(value));
	}

	private Content with(Map<String, String> attributes) {
		attributes.forEach((key, value) -> this.fields.put(ATTRIBUTE + key, value));
		return this;
	}

	private long number(String field) {
		try {
			return Long.parseLong(this.fields.getOrDefault(field, "0"));
		}
		catch (NumberFormatException ex) {
			// Written by other hands; no reason to lose sight of the election
			return 0;
		}
	}

}
