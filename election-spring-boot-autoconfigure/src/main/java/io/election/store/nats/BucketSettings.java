package io.election.store.nats;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.election.store.UnusableBackendException;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;

/**
 * What a bucket has to be like.
 *
 * @param bucket its name
 * @param storage where it is kept
 * @param replicas how many servers keep it, if it is created
 * @param timeToLive after what time the server may forget what is in it, zero if never
 */
record BucketSettings(Bucket bucket, StorageType storage, int replicas, Duration timeToLive) {

	/**
	 * From then on every replica compares revisions where a write takes effect. Before,
	 * only the leader of a stream did, when the write arrived.
	 */
	private static final String COMPARING_VERSION = "2.9.21";

	private static final int NO_STREAM = 10059;

	private static final int NAME_IN_USE = 10058;

	/**
	 * Creates the bucket if it is missing, once for each connection.
	 * @throws UnusableBackendException if there is one that cannot be used
	 */
	void ensure(Connection nats) throws Exception {
		if (nats.hasSeen(this.bucket)) {
			return;
		}
		StreamInfo info = ask(nats, "INFO", "");
		if (info.getApiErrorCode() == NO_STREAM) {
			info = ask(nats, "CREATE", configuration().toJson());
			if (info.getApiErrorCode() == NAME_IN_USE) { // by now
				info = ask(nats, "INFO", "");
			}
		}
		info.throwOnHasError();
		check(info.getConfiguration(), nats.server());
		nats.seen(this.bucket);
	}

	private StreamInfo ask(Connection nats, String request, String json) throws Exception {
		return nats.ask("STREAM." + request + "." + this.bucket.stream(), json, StreamInfo::new);
	}

	private StreamConfiguration configuration() {
		return StreamConfiguration.builder()
			.name(this.bucket.stream())
			.subjects(this.bucket.subjects())
			.maxMessagesPerSubject(1)
			.discardPolicy(DiscardPolicy.New)
			.storageType(this.storage)
			.replicas(this.replicas)
			.maxAge(this.timeToLive)
			.allowRollup(true)
			.denyDelete(true)
			.build();
	}

	/**
	 * Refuses a bucket that could lose what is in it, or let two writers succeed where
	 * one may.
	 * @param found what it is like
	 * @param server a server that keeps it
	 */
	void check(StreamConfiguration found, ServerInfo server) {
		List<String> problems = new ArrayList<>();
		if (found.getReplicas() > 1 && !server.isSameOrNewerThanVersion(COMPARING_VERSION)) {
			problems.add("has " + found.getReplicas() + " replicas on servers of version " + server.getVersion()
					+ ", which let two writers replace the same record, but must have one, or servers of version "
					+ COMPARING_VERSION + " or newer");
		}
		if (found.getStorageType() != this.storage) {
			problems.add("is kept in " + name(found.getStorageType()) + ", not in " + name(this.storage)
					+ " (election.nats.storage)");
		}
		if (!found.getMaxAge().equals(this.timeToLive) && this.timeToLive.isZero()) {
			problems.add("has a time to live of " + found.getMaxAge().toSeconds()
					+ " s, after which records would be gone, but must have none");
		}
		if (found.getMaxMsgsPerSubject() != 1) {
			problems.add("has a history of " + found.getMaxMsgsPerSubject() + " but must have one of 1");
		}
		if (found.getDiscardPolicy() != DiscardPolicy.New || found.getRetentionPolicy() != RetentionPolicy.Limits) {
			problems.add("discards old records, or those that were read, to make room for new ones");
		}
		if (found.getNoAck() || found.getSealed() || found.getMirror() != null
				|| !found.getSubjects().contains(this.bucket.subjects())) {
			problems.add("does not acknowledge writes of its keys, because it is sealed, a mirror or no bucket");
		}
		if (!problems.isEmpty()) {
			throw new UnusableBackendException("The bucket '" + this.bucket.name() + "' cannot be used: it "
					+ String.join("; it ", problems) + ". Change it, or set election.nats.bucket to another", null);
		}
	}

	private static String name(StorageType storage) {
		return (storage == StorageType.File) ? "files" : "memory";
	}

}
