package io.election.store.etcd;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.election.store.Registration;
import io.election.store.RosterEntry;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part: a key for each candidate of this process, which ends with its session.
 * Once a lease, all keys of the session are compared with those that it should have.
 */
final class Rosters {

	private final Layout layout;

	private final Presence presence;

	private final Contest contest;

	/** What was registered last. */
	private @Nullable Registration registered;

	/** In which session. */
	private @Nullable Session session;

	Rosters(Layout layout, Presence presence, Contest contest) {
		this.layout = layout;
		this.presence = presence;
		this.contest = contest;
	}

	/** Keeps the session alive and its keys what they should be. */
	void register(Connection etcd, Registration registration) throws Exception {
		Session current = this.presence.any(etcd, registration.keep().multipliedBy(Presence.REGISTRATIONS_PER_LEASE));
		if (!this.presence.isUnchecked() && !this.contest.isAnyOver(current) && current.equals(this.session)
				&& registration.equals(this.registered)) {
			return;
		}
		Set<ByteSequence> keys = check(etcd, current);
		etcd.perform(changes(current, registration, keys));
		this.registered = registration;
		this.session = current;
	}

	private Set<ByteSequence> check(Connection etcd, Session current) throws Exception {
		boolean checked = false;
		try {
			Set<ByteSequence> keys = new HashSet<>(etcd.keys(current));
			this.contest.deleteOver(etcd, current, keys);
			this.presence.keysAreRight(current);
			checked = true;
			return keys;
		}
		finally {
			if (!checked) {
				this.presence.keysCannotBeChecked();
			}
		}
	}

	private List<Op> changes(Session current, Registration registration, Set<ByteSequence> keys) {
		ByteSequence entry = new Details(registration.nonce(), registration.candidateId(), 0, registration.attributes())
			.encode();
		boolean changed = this.registered == null || !this.registered.attributes().equals(registration.attributes());
		Set<ByteSequence> extras = new HashSet<>(keys);
		List<Op> changes = new ArrayList<>();
		for (String election : registration.elections()) {
			ByteSequence candidate = this.layout.candidate(election, registration.nonce());
			if (!extras.remove(candidate) || changed) {
				changes.add(Op.put(candidate, entry, PutOption.builder().withLeaseId(current.id()).build()));
			}
		}
		extras.stream()
			.filter((key) -> Layout.last(key).equals(registration.nonce()))
			.forEach((key) -> changes.add(Op.delete(key, DeleteOption.DEFAULT)));
		return changes;
	}

	void unregister(Connection etcd, Registration registration) throws Exception {
		this.registered = null;
		etcd.perform(registration.elections()
			.stream()
			.<Op>map((election) -> Op.delete(this.layout.candidate(election, registration.nonce()),
					DeleteOption.DEFAULT))
			.toList());
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

}
