package io.election.store.nats;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import io.election.testing.servers.NatsServer;
import io.election.testing.servers.NatsVersion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The NATS store at a hub and at a leaf node, each with JetStream in a domain of its own.
 */
class NatsDomainsIT {

	private static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	private static final NatsServer hub = new NatsServer(NatsVersion.V2_15).domain("hub");

	private static final NatsServer leaf = new NatsServer(NatsVersion.V2_15).domain("leaf").leafOf(hub);

	private final String election = "election " + UUID.randomUUID();

	@AutoClose
	private final LeaseStore atHub = store(hub, null);

	@BeforeAll
	static void start() {
		hub.start();
		leaf.start();
	}

	@AfterAll
	static void stop() {
		leaf.close();
		hub.close();
	}

	@Test
	void withoutADomainEachServerHasABucketOfItsOwn() throws Exception {
		try (LeaseStore atLeaf = store(leaf, null)) {
			assertThat(acquire(this.atHub, "one")).isInstanceOf(Answer.Held.class);
			assertThat(acquire(atLeaf, "other")).isInstanceOf(Answer.Held.class);
		}
	}

	@Test
	void withADomainBothUseTheSameBucket() throws Exception {
		try (LeaseStore atLeaf = store(leaf, "hub"); Watcher watcher = new Watcher(this.atHub)) {
			watcher.awaitHint("");
			Lease lease = ((Answer.Held) acquire(atLeaf, "one")).lease();
			watcher.awaitHint(this.election);
			assertThat(acquire(this.atHub, "other")).isInstanceOf(Answer.Refused.class);
			Lease renewed = ((Answer.Held) atLeaf.renew(List.of(lease)).get(this.election)).lease();
			await().untilAsserted(() -> assertThat(((LeaseRecord.Held) read(this.atHub)).lease()).isEqualTo(renewed));
			atLeaf.release(List.of(renewed));
			await().untilAsserted(() -> assertThat(read(this.atHub)).isInstanceOf(LeaseRecord.Vacant.class));
		}
	}

	@Test
	void withADomainChangesArePushedAndCandidatesSeen() throws Exception {
		try (LeaseStore atLeaf = store(leaf, "hub"); Watcher watcher = new Watcher(atLeaf)) {
			watcher.awaitHint("");
			acquire(this.atHub, "one");
			watcher.awaitHint(this.election);
			Registration registration = new Registration("one", "node", Map.of(), Set.of(this.election),
					Duration.ofSeconds(15));
			atLeaf.register(registration);
			assertThat(this.atHub.candidates(this.election)).extracting(RosterEntry::nonce).containsExactly("one");
			atLeaf.unregister(registration);
			assertThat(this.atHub.candidates(this.election)).isEmpty();
		}
	}

	@Test
	void aDomainThatIsNotThereIsNamed() {
		try (LeaseStore store = store(hub, "other")) {
			assertThatException().isThrownBy(() -> store.read(List.of(this.election)))
				.withMessageContaining("there is no domain 'other' (election.nats.domain)");
		}
	}

	private Answer acquire(LeaseStore store, String nonce) throws Exception {
		Self self = new Self(this.election, nonce, "node", Map.of());
		return store.acquire(List.of(new Claim(self, TIMING, new LeaseRecord.Absent(), 0))).get(this.election);
	}

	private LeaseRecord read(LeaseStore store) throws Exception {
		return store.read(List.of(this.election)).get(this.election);
	}

	private static LeaseStore store(NatsServer server, @Nullable String domain) {
		return new NatsBackend(new NatsSettings(List.of(URI.create(server.url())), null, null, null, null, null, domain,
				NatsSettings.BUCKET, 1, false, NatsSettings.INBOX_PREFIX))
			.open(Duration.ofMillis(1500));
	}

}
