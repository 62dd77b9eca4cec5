package io.election.store.etcd;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import io.election.OnEachVersion;
import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.Registration;
import io.election.testing.servers.EtcdServer;
import io.election.testing.servers.EtcdVersion;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.grpc.Deadline;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that were given up and are carried out nevertheless, at any later time.
 */
@OnEachVersion(EtcdVersion.class)
class EtcdLateRequestsIT {

	private static final Timing TIMING = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10),
			Duration.ofSeconds(2));

	private static final Layout LAYOUT = new Layout(EtcdSettings.PREFIX);

	private static @Nullable EtcdServer server;

	private final String election = "election " + UUID.randomUUID();

	private final Self self = new Self(this.election, "self", "node", Map.of());

	private final Registration registration = new Registration("process", "node", Map.of(), Set.of(this.election),
			TIMING.leaseDuration());

	private final EtcdSettings settings = new EtcdSettings(List.of(URI.create(server().endpoint())), null, null, null,
			null, EtcdSettings.PREFIX);

	@AutoClose
	private final Recording etcd = new Recording(this.settings);

	private final Presence presence = new Presence();

	private final Contest contest = new Contest(LAYOUT, new Records(LAYOUT), this.presence);

	private final Rosters rosters = new Rosters(LAYOUT, this.presence, this.contest);

	EtcdLateRequestsIT(EtcdVersion version) {
	}

	@BeforeParameterizedClassInvocation
	static void start(EtcdVersion version) {
		server = new EtcdServer(version).start();
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		server().close();
	}

	private static EtcdServer server() {
		assertThat(server).isNotNull();
		return server;
	}

	@Test
	void aClaimEndsNoLaterTerm() throws Exception {
		acquire(this.contest, this.self);
		List<List<Op>> late = this.etcd.takeRequests();
		Lease lease = acquire(this.contest, this.self);
		this.etcd.carryOut(late);
		assertIsHeld(lease);
	}

	@Test
	void aClaimThatWasLostEndsNoLaterTerm() throws Exception {
		Contest others = new Contest(LAYOUT, new Records(LAYOUT), new Presence());
		Lease other = acquire(others, new Self(this.election, "other", "other", Map.of()));
		this.etcd.takeRequests();
		assertThat(claim(this.contest, this.self)).isInstanceOf(Answer.Refused.class);
		List<List<Op>> late = this.etcd.takeRequests();
		others.release(this.etcd, List.of(other));
		Lease lease = acquire(this.contest, this.self);
		this.etcd.carryOut(late);
		assertIsHeld(lease);
	}

	@Test
	void aClaimOfOneWhoHadAKeyEndsNoLaterTerm() throws Exception {
		acquire(this.contest, this.self);
		this.etcd.takeRequests();
		acquire(this.contest, this.self);
		List<List<Op>> late = this.etcd.takeRequests();
		Lease lease = acquire(this.contest, this.self);
		this.etcd.carryOut(late);
		assertIsHeld(lease);
	}

	@Test
	void aReleaseEndsNoLaterTerm() throws Exception {
		Lease first = acquire(this.contest, this.self);
		this.etcd.takeRequests();
		this.contest.release(this.etcd, List.of(first));
		List<List<Op>> late = this.etcd.takeRequests();
		Lease lease = acquire(this.contest, this.self);
		this.etcd.carryOut(late);
		assertIsHeld(lease);
	}

	@Test
	void aCheckOfKeysEndsNoLaterTerm() throws Exception {
		Lease first = acquire(this.contest, this.self);
		List<List<Op>> claim = this.etcd.takeRequests();
		this.contest.release(this.etcd, List.of(first));
		this.etcd.carryOut(claim); // leaves a key that nobody knows of
		this.etcd.takeRequests();
		this.rosters.register(this.etcd, this.registration);
		List<List<Op>> late = this.etcd.takeRequests();
		Lease lease = acquire(this.contest, this.self);
		this.etcd.carryOut(late);
		assertIsHeld(lease);
	}

	@Test
	void whatALateClaimLeavesIsReleased() throws Exception {
		Lease first = acquire(this.contest, this.self);
		List<List<Op>> claim = this.etcd.takeRequests();
		this.contest.release(this.etcd, List.of(first));
		this.etcd.carryOut(claim);
		LeaseRecord.Taken left = (LeaseRecord.Taken) record();
		assertThat(left.term()).isGreaterThan(first.term());
		this.contest.release(this.etcd, List.of(left.lease()));
		assertThat(record()).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void whatALateClaimLeavesIsDeletedByTheNextCheck() throws Exception {
		Lease first = acquire(this.contest, this.self);
		List<List<Op>> claim = this.etcd.takeRequests();
		this.contest.release(this.etcd, List.of(first));
		this.etcd.carryOut(claim);
		this.rosters.register(this.etcd, this.registration);
		assertThat(record()).isInstanceOf(LeaseRecord.Vacant.class);
	}

	@Test
	void keysAreCheckedAgainAfterAFailure() throws Exception {
		this.rosters.register(this.etcd, this.registration);
		Lease first = acquire(this.contest, this.self);
		List<List<Op>> claim = this.etcd.takeRequests();
		this.contest.release(this.etcd, List.of(first));
		this.etcd.carryOut(claim);
		this.rosters.register(this.etcd, this.registration);
		assertThat(record()).as("not checked twice a lease").isInstanceOf(LeaseRecord.Kept.class);
		this.presence.keysMayBeWrong();
		this.rosters.register(this.etcd, this.registration);
		assertThat(record()).isInstanceOf(LeaseRecord.Vacant.class);
	}

	private Lease acquire(Contest contest, Self candidate) throws Exception {
		Answer answer = claim(contest, candidate);
		assertThat(answer).isInstanceOf(Answer.Held.class);
		return ((Answer.Held) answer).lease();
	}

	private Answer claim(Contest contest, Self candidate) throws Exception {
		LeaseRecord seen = new LeaseRecord.Vacant(new Lease(this.election, "", 0, 0));
		return contest.acquire(this.etcd, List.of(new Claim(candidate, TIMING, seen, 0))).get(this.election);
	}

	private void assertIsHeld(Lease lease) throws Exception {
		assertThat(((LeaseRecord.Taken) record()).lease()).isEqualTo(lease);
		this.contest.doubt("");
		assertThat(this.contest.renew(this.etcd, List.of(lease)).get(this.election)).isInstanceOf(Answer.Held.class);
	}

	private LeaseRecord record() throws Exception {
		return this.contest.find(this.etcd, List.of(this.election)).get(this.election).record();
	}

	/** A connection that keeps what it was asked for. */
	private static final class Recording extends Connection {

		private final List<List<Op>> requests = new ArrayList<>();

		Recording(EtcdSettings settings) {
			super(settings.client(0), Duration.ZERO);
			begin(Deadline.after(60, TimeUnit.SECONDS));
		}

		@Override
		List<TxnResponse> perform(List<Op> operations) throws Exception {
			this.requests.add(operations);
			return super.perform(operations);
		}

		List<List<Op>> takeRequests() {
			List<List<Op>> taken = List.copyOf(this.requests);
			this.requests.clear();
			return taken;
		}

		void carryOut(List<List<Op>> late) throws Exception {
			assertThat(late).isNotEmpty();
			for (List<Op> operations : late) {
				super.perform(operations);
			}
		}

	}

}
