package io.election.store.nats;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.nats.client.api.PublishAck;

import io.election.store.nats.Connection.Request;

/**
 * Somebody who does to buckets what a store does not.
 */
final class Operator implements AutoCloseable {

	private final Bucket bucket;

	private final Connection nats;

	Operator(NatsSettings settings) {
		this.bucket = settings.leases().bucket();
		this.nats = new Connection(settings, Duration.ofSeconds(10));
	}

	static NatsSettings settings(String... servers) {
		return new NatsSettings(List.of(servers).stream().map(URI::create).toList(), null, null, null, null, null,
				NatsSettings.BUCKET, 1, false, null);
	}

	/**
	 * Deletes the record of an election, as {@code nats kv del} does.
	 * @return the revision of the mark that is left
	 */
	long delete(String election) throws Exception {
		this.nats.begin();
		Request delete = Request.delete(this.bucket.subject(election));
		return new PublishAck(this.nats.ask(Map.of(election, delete)).get(election)).getSeqno();
	}

	@Override
	public void close() {
		this.nats.close();
	}

}
