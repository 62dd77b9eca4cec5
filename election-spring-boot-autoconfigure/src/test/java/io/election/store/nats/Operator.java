package io.election.store.nats;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

import io.nats.client.api.ApiResponse;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.api.PurgeResponse;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.SuccessApiResponse;

import io.election.store.nats.Connection.Request;

/**
 * Somebody who does to buckets what a store does not.
 */
final class Operator implements AutoCloseable {

	private final Bucket bucket;

	private final Connection nats;

	Operator(NatsSettings settings) {
		this.bucket = settings.leases().bucket();
		this.nats = new Connection(settings, 0, Duration.ofSeconds(10));
	}

	static NatsSettings settings(String server) {
		return settings(NatsSettings.BUCKET, server);
	}

	static NatsSettings settings(String bucket, String... servers) {
		return new NatsSettings(Stream.of(servers).map(URI::create).toList(), null, null, null, null, null, null,
				bucket, 1, false, NatsSettings.INBOX_PREFIX);
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

	/** Puts the record of an election again, with the same value. */
	void touch(String election) throws Exception {
		this.nats.begin();
		Request get = Request.api("STREAM.MSG.GET." + this.bucket.stream(),
				"{\"last_by_subj\":\"" + this.bucket.subject(election) + "\"}");
		byte[] value = new MessageInfo(this.nats.ask(Map.of(election, get)).get(election), this.bucket.stream(), false)
			.getData();
		Request put = Request.write(this.bucket.subject(election), null, new String(value, StandardCharsets.UTF_8));
		new PublishAck(this.nats.ask(Map.of(election, put)).get(election));
	}

	/** Deletes the record of an election without leaving a mark. */
	void purge(String election) throws Exception {
		this.nats.begin();
		succeeded(this.nats.ask("STREAM.PURGE." + this.bucket.stream(),
				"{\"filter\":\"" + this.bucket.subject(election) + "\"}", PurgeResponse::new));
	}

	/**
	 * Deletes everything, and has the revisions of the bucket go on from the given one,
	 * as {@code nats stream purge --seq} does.
	 */
	void goOnFrom(long revision) throws Exception {
		this.nats.begin();
		succeeded(this.nats.ask("STREAM.PURGE." + this.bucket.stream(), "{\"seq\":" + revision + "}",
				PurgeResponse::new));
	}

	void createStream(StreamConfiguration configuration) throws Exception {
		this.nats.begin();
		succeeded(this.nats.ask("STREAM.CREATE." + configuration.getName(), configuration.toJson(), StreamInfo::new));
	}

	StreamConfiguration stream(Bucket bucket) throws Exception {
		this.nats.begin();
		StreamInfo info = this.nats.ask("STREAM.INFO." + bucket.stream(), "", StreamInfo::new);
		succeeded(info);
		return info.getConfiguration();
	}

	void deleteStream(Bucket bucket) throws Exception {
		this.nats.begin();
		succeeded(this.nats.ask("STREAM.DELETE." + bucket.stream(), "", SuccessApiResponse::new));
	}

	private static void succeeded(ApiResponse<?> response) throws Exception {
		response.throwOnHasError();
	}

	@Override
	public void close() {
		this.nats.close();
	}

}
