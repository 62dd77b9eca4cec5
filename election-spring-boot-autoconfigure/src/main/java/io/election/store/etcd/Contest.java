package io.election.store.etcd;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.Self;
import io.election.store.Claim;
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
 * A term is granted or prolonged by a call in which the session was kept alive and the
 * key known to be there; nothing else prolongs a session. A key serves one claim: who
 * claims again makes it anew, so that the next term has another token. Who only waits has
 * no key: seeing that nobody leads, it makes one, and takes it back if another was first.
 * Whatever deletes a key names its token: requests that were given up may still be
 * carried out, and must not end a later term.
 * <p>
 * For one thread, except {@link #doubt}.
 */
final class Contest {

	private static final Op[] NOTHING = {};

	private final Layout layout;

	private final Records records;

	private final Presence presence;

	/** What the session has keys for, or may have, by election. */
	private final Map<String, Contender> contenders = new ConcurrentHashMap<>();

	/** Elections in which something happened since their key was last found. */
	private final Set<String> doubted = ConcurrentHashMap.newKeySet();

	Contest(Layout layout, Records records, Presence presence) {
		this.layout = layout;
		this.records = records;
		this.presence = presence;
	}

	/**
	 * Has the next renewal look for the key instead of relying on that it was there; on
	 * any thread.
	 * @param election the election, or an empty name for all
	 */
	void doubt(String election) {
		if (election.isEmpty()) {
			this.doubted.addAll(this.contenders.keySet());
		}
		else if (this.contenders.containsKey(election)) {
			this.doubted.add(election);
		}
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
			Duration lease = claims.get(0).timing().leaseDuration();
			Session last = this.presence.last();
			Session current = this.presence.lastOrBegin(etcd, lease);
			List<Op> attempts = attempts(current, claims);
			List<TxnResponse> outcomes = current.equals(last) ? etcd.attemptWhileAlive(current, attempts)
					: etcd.attempt(attempts);
			if (outcomes == null) {
				current = this.presence.begin(etcd, lease);
				outcomes = etcd.attempt(attempts(current, claims));
			}
			this.presence.use(current);
			List<Claim> late = settle(etcd, current, claims, outcomes, answers);
			settle(etcd, current, late, etcd.attempt(attempts(current, late)), answers);
		}
		return answers;
	}

	/** Makes a key for each claim. */
	private List<Op> attempts(Session current, List<Claim> claims) {
		List<Op> attempts = new ArrayList<>();
		for (Claim claim : claims) {
			this.contenders.put(claim.election(), Contender.claiming(claim.candidate().nonce(), current));
			attempts.add(attempt(current, claim.candidate()));
		}
		return attempts;
	}

	/**
	 * Answers claims, and deletes the keys of those that do not lead.
	 * @return the claims that were late: there was a key of an earlier one
	 */
	private List<Claim> settle(Connection etcd, Session current, List<Claim> claims, List<TxnResponse> outcomes,
			Map<String, Answer> answers) throws Exception {
		List<Claim> late = new ArrayList<>();
		Map<String, Long> withdrawn = new HashMap<>();
		for (int i = 0; i < outcomes.size(); i++) {
			Claim claim = claims.get(i);
			Found found = this.records.find(claim.election(), outcomes.get(i).getGetResponses());
			Lease own = found.leaseOf(claim.candidate().nonce(), current);
			if (outcomes.get(i).isSucceeded() && own != null) {
				this.contenders.put(claim.election(), Contender.leading(own, current));
				answers.put(claim.election(), new Answer.Held(own));
				continue;
			}
			withdrawn.put(claim.election(), found.token(current));
			answers.put(claim.election(), new Answer.Refused(found.record()));
			if (!outcomes.get(i).isSucceeded()) {
				late.add(claim);
			}
		}
		withdraw(etcd, current, withdrawn);
		return late;
	}

	private Op attempt(Session current, Self candidate) {
		String election = candidate.election();
		Details details = new Details(candidate.nonce(), candidate.candidateId(), Instant.now().toEpochMilli(),
				candidate.attributes());
		List<Op> look = this.records.look(election);
		List<Op> make = new ArrayList<>();
		make.add(put(current, contender(current, election),
				ByteSequence.from(candidate.candidateId(), StandardCharsets.UTF_8)));
		make.add(put(current, this.layout.details(election, current.name()), details.encode()));
		make.addAll(look);
		return Op.txn(ifToken(0, contender(current, election)), make.toArray(Op[]::new), look.toArray(Op[]::new));
	}

	Map<String, Answer> renew(Connection etcd, List<Lease> leases) throws Exception {
		Session current = this.presence.keepAlive(etcd);
		Map<String, Found> found = find(etcd,
				leases.stream().filter((lease) -> !isThere(lease, current)).map(Lease::election).toList());
		if (current != null) {
			bind(etcd, current, found.values());
		}
		Map<String, Answer> answers = new HashMap<>();
		for (Lease lease : leases) {
			Found leader = found.get(lease.election());
			if (current != null && (leader == null || leader.has(lease, current))) {
				answers.put(lease.election(), new Answer.Held(renewed(lease, current, leader != null)));
			}
			else {
				answers.put(lease.election(), new Answer.Refused(Objects.requireNonNull(leader).record()));
			}
		}
		return answers;
	}

	/**
	 * Binds the session's keys to it again where somebody wrote them without it.
	 * Otherwise they would stay for ever and keep everybody else out.
	 */
	private static void bind(Connection etcd, Session current, Collection<Found> found) throws Exception {
		List<Op> bindings = new ArrayList<>();
		for (Found leader : found) {
			KeyValue own = leader.contender(current);
			if (own != null && own.getLease() != current.id()) {
				Op[] put = { put(current, own.getKey(), own.getValue()) };
				bindings.add(Op.txn(ifToken(own.getCreateRevision(), own.getKey()), put, NOTHING));
			}
		}
		etcd.perform(bindings);
	}

	/** Whether the lease's key was found within a lease, and nothing happened since. */
	private boolean isThere(Lease lease, @Nullable Session current) {
		Contender contender = this.contenders.get(lease.election());
		return !this.doubted.remove(lease.election()) && contender != null && contender.hasFound(lease, current);
	}

	/** Nothing was written, but whoever asked counts renewals. */
	private Lease renewed(Lease lease, Session current, boolean found) {
		this.contenders.compute(lease.election(), (election, contender) -> (contender == null || found)
				? Contender.leading(lease, current) : contender.renewed());
		return new Lease(lease.election(), lease.nonce(), lease.term(), lease.revision() + 1);
	}

	Map<String, Answer> release(Connection etcd, List<Lease> leases) throws Exception {
		Map<Session, Map<String, Long>> released = new HashMap<>();
		Map<String, Answer> answers = new HashMap<>();
		for (Lease lease : leases) {
			Contender contender = this.contenders.get(lease.election());
			Session session = (contender != null) ? contender.session() : this.presence.last();
			if (session != null && (contender == null || contender.nonce().equals(lease.nonce()))) {
				released.computeIfAbsent(session, (any) -> new HashMap<>()).put(lease.election(), lease.term());
			}
			answers.put(lease.election(), new Answer.Released());
		}
		for (Map.Entry<Session, Map<String, Long>> ofSession : released.entrySet()) {
			withdraw(etcd, ofSession.getKey(), ofSession.getValue());
		}
		return answers;
	}

	/** Deletes those of the session's keys that it should not have. */
	void deleteOver(Connection etcd, Session current, Collection<ByteSequence> keys) throws Exception {
		withdraw(etcd, current, tokens(etcd, keys.stream().filter((key) -> isOver(key, current)).toList()));
		this.contenders.values().removeIf((contender) -> contender.isOverIn(current));
	}

	/** Whether the session may have a key of a term that is over. */
	boolean isAnyOver(Session current) {
		return this.contenders.values().stream().anyMatch((contender) -> contender.isOverIn(current));
	}

	/**
	 * Whether a key is that of a contender whose term is over, or which nobody asked for.
	 */
	private boolean isOver(ByteSequence key, Session current) {
		String election = this.layout.election(key);
		Contender contender = (election != null) ? this.contenders.get(election) : null;
		return election != null && (contender == null || contender.isOver(current));
	}

	/** The tokens of contenders, by election. */
	private Map<String, Long> tokens(Connection etcd, List<ByteSequence> keys) throws Exception {
		Map<String, Long> tokens = new HashMap<>();
		for (GetResponse found : etcd.get(keys.stream().<Op>map((key) -> Op.get(key, GetOption.DEFAULT)).toList())) {
			found.getKvs()
				.forEach((contender) -> tokens.put(Objects.requireNonNull(this.layout.election(contender.getKey())),
						contender.getCreateRevision()));
		}
		return tokens;
	}

	/**
	 * Deletes the session's keys in elections.
	 * @param tokens their tokens by election; a key with another token is left alone
	 */
	private void withdraw(Connection etcd, Session current, Map<String, Long> tokens) throws Exception {
		List<Op> withdrawals = new ArrayList<>();
		tokens.forEach((election, token) -> {
			ByteSequence contender = contender(current, election);
			Op[] deletes = { delete(contender), delete(this.layout.details(election, current.name())) };
			withdrawals.add(Op.txn(ifToken(token, contender), deletes, NOTHING));
		});
		etcd.perform(withdrawals);
		this.contenders.keySet().removeAll(tokens.keySet());
	}

	private ByteSequence contender(Session current, String election) {
		return this.layout.contender(election, current.name());
	}

	private static Op put(Session current, ByteSequence key, ByteSequence value) {
		return Op.put(key, value, PutOption.builder().withLeaseId(current.id()).build());
	}

	private static Op delete(ByteSequence key) {
		return Op.delete(key, DeleteOption.DEFAULT);
	}

	/**
	 * @param token the token of a contender, 0 if there is to be none
	 */
	private static Cmp[] ifToken(long token, ByteSequence contender) {
		return new Cmp[] { new Cmp(contender, Cmp.Op.EQUAL, CmpTarget.createRevision(token)) };
	}

	/**
	 * A contender of this process.
	 *
	 * @param session the session of its key
	 * @param nonce the candidate's identity
	 * @param token the token of its term, 0 if it has none yet
	 * @param over when its term is over if it is not renewed
	 * @param found until when its key counts as found
	 */
	private record Contender(Session session, String nonce, long token, Deadline over, Deadline found) {

		/** Its key is not wanted any more if its claim is not answered. */
		static Contender claiming(String nonce, Session session) {
			return new Contender(session, nonce, 0, Presence.PAST, Presence.PAST);
		}

		static Contender leading(Lease lease, Session session) {
			return new Contender(session, lease.nonce(), lease.term(), session.lease(), session.lease());
		}

		Contender renewed() {
			return new Contender(this.session, this.nonce, this.token, this.session.lease(), this.found);
		}

		boolean hasFound(Lease lease, @Nullable Session current) {
			return this.session.equals(current) && lease.nonce().equals(this.nonce) && lease.term() == this.token
					&& !this.found.isExpired();
		}

		boolean isOver(Session current) {
			return !this.session.equals(current) || this.over.isExpired();
		}

		boolean isOverIn(Session current) {
			return this.session.equals(current) && this.over.isExpired();
		}

	}

}
