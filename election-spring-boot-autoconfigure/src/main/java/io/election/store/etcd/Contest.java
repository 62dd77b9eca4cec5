package io.election.store.etcd;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.Self;
import io.election.store.Claim;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import io.election.store.etcd.Records.Found;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.grpc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * The part that this process has in elections: its {@link Session} and the keys that end
 * with it.
 * <p>
 * A term is granted or prolonged by a call that kept the session alive first and found
 * the key afterwards; nothing else prolongs a session. A key serves one claim: who claims
 * again makes it anew, so that the next term has another token. Who only waits has no
 * key: seeing that nobody leads, it makes one, and takes it back if another was first.
 */
final class Contest {

	/** A session outlives this many registrations, less one, that fail in a row. */
	static final int REGISTRATIONS_PER_LEASE = 3;

	private static final Op[] NOTHING = {};

	private final Layout layout;

	private final Records records;

	private @Nullable Session session;

	/** While this runs, a registration need not keep the session alive. */
	private Deadline fresh = Deadline.after(0, TimeUnit.SECONDS);

	/** What the session has keys for, or may have, by election. */
	private final Map<String, Contender> contenders = new HashMap<>();

	/** The value of the session's keys in rosters. */
	private @Nullable ByteSequence rosterEntry;

	Contest(Layout layout) {
		this.layout = layout;
		this.records = new Records(layout);
	}

	Map<String, Found> find(Connection etcd, Collection<String> elections) throws Exception {
		List<Op> looks = elections.stream().flatMap((election) -> this.records.look(election).stream()).toList();
		List<GetResponse> responses = etcd.get(looks);
		Map<String, Found> found = new HashMap<>();
		int index = 0;
		for (String election : elections) {
			int end = index + Records.OPERATIONS;
			found.put(election, this.records.find(election, responses.subList(index, end)));
			index = end;
		}
		return found;
	}

	Map<String, Answer> acquire(Connection etcd, List<Claim> claims) throws Exception {
		Map<String, Answer> answers = new HashMap<>();
		if (!claims.isEmpty()) {
			Session current = session(etcd, claims.get(0).timing().leaseDuration());
			List<Claim> late = contend(etcd, current, claims, answers);
			contend(etcd, current, late, answers);
			List<String> lost = new ArrayList<>(answers.keySet());
			lost.removeIf((election) -> answers.get(election) instanceof Answer.Held);
			withdraw(etcd, current, lost);
		}
		return answers;
	}

	/**
	 * Makes a key for each claim.
	 * @return the claims without an answer, because there was a key of an earlier one; it
	 * was deleted
	 */
	private List<Claim> contend(Connection etcd, Session current, List<Claim> claims, Map<String, Answer> answers)
			throws Exception {
		List<Op> attempts = new ArrayList<>();
		for (Claim claim : claims) {
			this.contenders.put(claim.election(), Contender.of(claim.candidate().nonce(), current));
			attempts.add(attempt(current, claim.candidate()));
		}
		List<TxnResponse> outcomes = etcd.attempt(attempts);
		List<Claim> late = new ArrayList<>();
		for (int i = 0; i < outcomes.size(); i++) {
			Claim claim = claims.get(i);
			if (!outcomes.get(i).isSucceeded()) {
				late.add(claim);
				continue;
			}
			Found found = this.records.find(claim.election(), outcomes.get(i).getGetResponses());
			Lease own = found.leaseOf(claim.candidate().nonce(), current);
			answers.put(claim.election(), (own != null) ? new Answer.Held(own) : new Answer.Refused(found.record()));
		}
		return late;
	}

	private Op attempt(Session current, Self candidate) {
		String election = candidate.election();
		Details details = new Details(candidate.nonce(), candidate.candidateId(), Instant.now().toEpochMilli(),
				candidate.attributes());
		List<Op> make = new ArrayList<>();
		make.add(put(current, contender(current, election),
				ByteSequence.from(candidate.candidateId(), StandardCharsets.UTF_8)));
		make.add(put(current, this.layout.details(election, current.name()), details.encode()));
		make.addAll(this.records.look(election));
		return Op.txn(ifCreatedAt(0, contender(current, election)), make.toArray(Op[]::new),
				withdrawal(current, election));
	}

	Map<String, Answer> renew(Connection etcd, List<Lease> leases) throws Exception {
		Session current = keepAlive(etcd);
		Map<String, Found> found = find(etcd, leases.stream().map(Lease::election).toList());
		Map<String, Answer> answers = new HashMap<>();
		for (Lease lease : leases) {
			Found leader = Objects.requireNonNull(found.get(lease.election()));
			Lease own = leader.leaseOf(lease.nonce(), current);
			if (current != null && own != null && own.term() == lease.term()) {
				this.contenders.put(lease.election(), Contender.of(lease.nonce(), current));
				// Nothing was written, but whoever asked counts renewals
				answers.put(lease.election(), new Answer.Held(
						new Lease(lease.election(), lease.nonce(), lease.term(), lease.revision() + 1)));
			}
			else {
				answers.put(lease.election(), new Answer.Refused(leader.record()));
			}
		}
		return answers;
	}

	Map<String, Answer> release(Connection etcd, List<Lease> leases) throws Exception {
		Session current = this.session;
		List<Op> releases = new ArrayList<>();
		Set<String> released = new HashSet<>();
		Map<String, Answer> answers = new HashMap<>();
		for (Lease lease : leases) {
			String election = lease.election();
			Contender contender = this.contenders.get(election);
			if (current != null && contender != null && contender.nonce().equals(lease.nonce())) {
				releases.add(Op.txn(ifCreatedAt(lease.term(), contender(current, election)),
						withdrawal(current, election), NOTHING));
				released.add(election);
			}
			answers.put(election, new Answer.Released());
		}
		etcd.attempt(releases);
		this.contenders.keySet().removeAll(released);
		return answers;
	}

	/**
	 * Keeps the session alive, its keys in rosters what they should be, and deletes keys
	 * of contenders that were neither made nor renewed for a whole lease: their terms are
	 * over, but the session goes on.
	 */
	void register(Connection etcd, Registration registration) throws Exception {
		Session current = this.session;
		if (current == null || this.fresh.isExpired()) {
			current = session(etcd, registration.keep().multipliedBy(REGISTRATIONS_PER_LEASE));
		}
		Set<ByteSequence> keys = new HashSet<>(etcd.keys(current));
		ByteSequence entry = new Details(registration.nonce(), registration.candidateId(), 0, registration.attributes())
			.encode();
		List<Op> changes = new ArrayList<>();
		for (String election : registration.elections()) {
			ByteSequence candidate = this.layout.candidate(election, registration.nonce());
			if (!keys.remove(candidate) || !entry.equals(this.rosterEntry)) {
				changes.add(put(current, candidate, entry));
			}
		}
		for (ByteSequence key : keys) {
			String election = this.layout.election(key);
			if (election != null) {
				this.contenders.putIfAbsent(election, Contender.of("", current));
			}
			else if (Layout.last(key).equals(registration.nonce())) {
				changes.add(delete(key));
			}
		}
		etcd.perform(changes);
		this.rosterEntry = entry;
		withdraw(etcd, current, over());
	}

	void unregister(Connection etcd, Registration registration) throws Exception {
		List<Op> deletes = new ArrayList<>();
		registration.elections()
			.forEach((election) -> deletes.add(delete(this.layout.candidate(election, registration.nonce()))));
		etcd.perform(deletes);
	}

	List<RosterEntry> candidates(Connection etcd, String election) throws Exception {
		Op get = Op.get(this.layout.candidates(election), GetOption.builder().isPrefix(true).build());
		List<RosterEntry> candidates = new ArrayList<>();
		for (KeyValue candidate : etcd.get(List.of(get)).get(0).getKvs()) {
			Details details = Details.decode(candidate.getValue());
			// It is there, so its session lives
			candidates
				.add(new RosterEntry(details.nonce(), details.candidateId(), details.attributes(), Instant.now()));
		}
		return candidates;
	}

	private List<String> over() {
		return this.contenders.keySet()
			.stream()
			.filter((election) -> Objects.requireNonNull(this.contenders.get(election)).over().isExpired())
			.toList();
	}

	private void withdraw(Connection etcd, Session current, List<String> elections) throws Exception {
		List<Op> deletes = new ArrayList<>();
		elections.forEach((election) -> deletes.addAll(List.of(withdrawal(current, election))));
		etcd.perform(deletes);
		this.contenders.keySet().removeAll(elections);
	}

	/** The session, kept alive or begun by this call. */
	private Session session(Connection etcd, Duration lease) throws Exception {
		long seconds = lease.plusMillis(999).toSeconds();
		Session current = keepAlive(etcd);
		return (current != null && current.seconds() >= seconds) ? current : use(etcd.grant(seconds));
	}

	/** The session, kept alive by this call; {@code null} if there is none any more. */
	private @Nullable Session keepAlive(Connection etcd) throws Exception {
		Session current = this.session;
		if (current == null) {
			return null;
		}
		if (etcd.keepAlive(current)) {
			return use(current);
		}
		this.session = null;
		return null;
	}

	private Session use(Session current) {
		if (!current.equals(this.session)) {
			this.contenders.clear();
		}
		this.session = current;
		this.fresh = Deadline.after(current.seconds() * 1000 / (2 * REGISTRATIONS_PER_LEASE), TimeUnit.MILLISECONDS);
		return current;
	}

	private ByteSequence contender(Session current, String election) {
		return this.layout.contender(election, current.name());
	}

	private Op[] withdrawal(Session current, String election) {
		return new Op[] { delete(contender(current, election)), delete(this.layout.details(election, current.name())) };
	}

	private static Op put(Session current, ByteSequence key, ByteSequence value) {
		return Op.put(key, value, PutOption.builder().withLeaseId(current.id()).build());
	}

	private static Op delete(ByteSequence key) {
		return Op.delete(key, DeleteOption.DEFAULT);
	}

	/**
	 * @param revision the token of a term, 0 for a key that does not exist
	 */
	private static Cmp[] ifCreatedAt(long revision, ByteSequence key) {
		return new Cmp[] { new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(revision)) };
	}

	/**
	 * A contender of this process.
	 *
	 * @param nonce the candidate's identity, empty if it is not known
	 * @param over when its term is over if it is not renewed
	 */
	private record Contender(String nonce, Deadline over) {

		static Contender of(String nonce, Session current) {
			return new Contender(nonce, Deadline.after(current.seconds(), TimeUnit.SECONDS));
		}

	}

}
