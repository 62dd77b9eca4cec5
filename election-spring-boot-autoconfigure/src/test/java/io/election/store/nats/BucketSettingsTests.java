package io.election.store.nats;

import java.time.Duration;
import java.util.function.UnaryOperator;

import io.election.store.UnusableBackendException;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.Mirror;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link BucketSettings}.
 */
class BucketSettingsTests {

	private static final Bucket BUCKET = new Bucket("election_lease");

	private final BucketSettings leases = new BucketSettings(BUCKET, StorageType.File, 1, Duration.ZERO);

	private final BucketSettings candidates = new BucketSettings(BUCKET, StorageType.Memory, 1, Duration.ofHours(3));

	@Test
	void aBucketThatAnybodyCreatedWillDo() {
		accept(this.leases,
				(stream) -> stream.allowDirect(true)
					.replicas(3)
					.maxBytes(1_000_000)
					.compressionOption(io.nats.client.api.CompressionOption.S2));
	}

	@Test
	void recordsMustNotExpire() {
		refuse(this.leases, "has a time to live of 20 s, after which records would be gone, but must have none",
				(stream) -> stream.maxAge(Duration.ofSeconds(20)));
	}

	@Test
	void candidatesMayExpire() {
		accept(this.candidates, (stream) -> stream.storageType(StorageType.Memory).maxAge(Duration.ofSeconds(20)));
	}

	@Test
	void memoryIsForThoseWhoAskForIt() {
		refuse(this.leases, "is kept in memory, not in files (election.nats.storage)",
				(stream) -> stream.storageType(StorageType.Memory));
		refuse(this.candidates, "is kept in files, not in memory (election.nats.storage)", UnaryOperator.identity());
	}

	@Test
	void thereIsNoHistory() {
		refuse(this.leases, "has a history of 5 but must have one of 1", (stream) -> stream.maxMessagesPerSubject(5));
		refuse(this.leases, "has a history of -1 but must have one of 1", (stream) -> stream.maxMessagesPerSubject(-1));
	}

	@Test
	void nothingIsDiscarded() {
		refuse(this.leases, "discards old records", (stream) -> stream.discardPolicy(DiscardPolicy.Old));
		refuse(this.leases, "discards old records", (stream) -> stream.retentionPolicy(RetentionPolicy.Interest));
	}

	@Test
	void writesAreAcknowledged() {
		refuse(this.leases, "does not acknowledge writes", (stream) -> stream.noAck(true));
		refuse(this.leases, "does not acknowledge writes", (stream) -> stream.subjects("$KV.other.>"));
		refuse(this.leases, "does not acknowledge writes",
				(stream) -> stream.mirror(Mirror.builder().sourceName("KV_other").build()));
	}

	@Test
	void replicasNeedServersThatCompareRevisions() {
		assertThatExceptionOfType(UnusableBackendException.class)
			.isThrownBy(() -> this.leases.check(stream().replicas(3).build(), server("2.9.20")))
			.withMessageContaining("has 3 replicas on servers of version 2.9.20, which let two writers replace the "
					+ "same record, but must have one, or servers of version 2.9.21 or newer");
		assertThatNoException().isThrownBy(() -> {
			this.leases.check(stream().replicas(1).build(), server("2.9.20"));
			this.leases.check(stream().replicas(3).build(), server("2.9.21"));
			this.leases.check(stream().replicas(3).build(), server("2.10.0-RC.1"));
		});
	}

	@Test
	void allProblemsAreTold() {
		refuse(this.leases,
				"The bucket 'election_lease' cannot be used: it has a time to live of 20 s, after which records would "
						+ "be gone, but must have none; it has a history of 2 but must have one of 1. Change it, or "
						+ "set election.nats.bucket to another",
				(stream) -> stream.maxAge(Duration.ofSeconds(20)).maxMessagesPerSubject(2));
	}

	private static void accept(BucketSettings settings, UnaryOperator<StreamConfiguration.Builder> change) {
		assertThatNoException().isThrownBy(() -> settings.check(change.apply(stream()).build(), server("2.15.0")));
	}

	private static void refuse(BucketSettings settings, String message,
			UnaryOperator<StreamConfiguration.Builder> change) {
		assertThatExceptionOfType(UnusableBackendException.class)
			.isThrownBy(() -> settings.check(change.apply(stream()).build(), server("2.15.0")))
			.withMessageContaining(message);
	}

	private static ServerInfo server(String version) {
		return new ServerInfo("INFO {\"server_id\":\"id\",\"version\":\"" + version + "\"}");
	}

	/** As {@code nats kv add} makes it. */
	private static StreamConfiguration.Builder stream() {
		return StreamConfiguration.builder()
			.name(BUCKET.stream())
			.subjects(BUCKET.subjects())
			.maxMessagesPerSubject(1)
			.discardPolicy(DiscardPolicy.New)
			.storageType(StorageType.File)
			.allowRollup(true)
			.denyDelete(true);
	}

}
