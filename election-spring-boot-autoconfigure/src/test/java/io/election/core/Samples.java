package io.election.core;

import java.time.Duration;
import java.util.Map;

/**
 * Values that the tests of single standings share.
 */
final class Samples {

	static final long SECOND = 1_000_000_000;

	/** Lease 15 s, deadline 10 s, retry period 2 s. */
	static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));

	static final Self ME = new Self("orders", "me#1", "me", Map.of("zone", "a"));

	static final LeaseRecord ABSENT = new LeaseRecord.Absent();

	/** A record in which I never was. */
	static final LeaseRecord.Held OTHERS = held("other#1", 4, 7);

	private Samples() {
	}

	/** Me, who leads with no token below the given one. */
	static Self demanding(long firstToken) {
		return new Self(ME.election(), ME.nonce(), ME.candidateId(), ME.attributes(), firstToken);
	}

	static Lease lease(String nonce, long term, long revision) {
		return new Lease("orders", nonce, term, revision);
	}

	static Lease mine(long term, long revision) {
		return lease("me#1", term, revision);
	}

	static LeaseRecord.Held held(String nonce, long term, long revision) {
		return held(nonce, term, revision, Duration.ZERO);
	}

	static LeaseRecord.Held held(String nonce, long term, long revision, Duration age) {
		return new LeaseRecord.Held(lease(nonce, term, revision), nonce.substring(0, nonce.indexOf('#')), Map.of(), 12,
				Duration.ofSeconds(15), Duration.ofSeconds(10), age);
	}

	static LeaseRecord.Vacant vacant(long term, long revision) {
		return new LeaseRecord.Vacant(lease("", term, revision));
	}

	static LeaseRecord.Vanished vanished(long term) {
		return new LeaseRecord.Vanished(term, Duration.ofSeconds(15));
	}

	/**
	 * What was seen for the first time by a look from 1 s to 2 s, and is acted on then.
	 */
	static Observation saw(LeaseRecord record) {
		return Observation.none(0, 0).seen(TIMING, record, SECOND, 2 * SECOND).at(2 * SECOND);
	}

	static Request.Look look(long askedAt) {
		return new Request.Look(askedAt);
	}

	static Effect send(Request request) {
		return new Effect.Send(request);
	}

	static Answer seen(LeaseRecord record) {
		return new Answer.Seen(record);
	}

	static Incumbent incumbent(LeaseRecord.Held held) {
		return new Incumbent(held.lease().nonce(), held.term(), held.candidateId(), held.attributes(), held.since());
	}

}
