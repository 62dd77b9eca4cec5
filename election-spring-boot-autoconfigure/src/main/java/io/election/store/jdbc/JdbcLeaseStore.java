package io.election.store.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

import org.jspecify.annotations.Nullable;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.store.Attributes;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.RosterEntry;

/**
 * Access to the tables of elections: one statement for each call where nothing is out of
 * the ordinary.
 */
final class JdbcLeaseStore implements LeaseStore {

	private static final int MOST_ELECTIONS = 1000;

	/**
	 * What the send buffer of a socket takes even where Linux limits it to its default. A
	 * write that has to wait for the server is bounded by no timeout.
	 */
	private static final int MOST_BYTES = 200_000;

	/** What an election adds to a request beside text. */
	private static final int NUMBERS = 64;

	private final Dialect dialect;

	private final Connections connections;

	private final Duration requestTimeout;

	private final Doorbells doorbells;

	private @Nullable Registration registered;

	JdbcLeaseStore(Dialect dialect, Duration requestTimeout) {
		this.dialect = dialect;
		this.requestTimeout = requestTimeout;
		this.doorbells = new Doorbells(dialect.settings.doorbells());
		this.connections = new Connections(dialect, requestTimeout);
	}

	@Override
	public Map<String, LeaseRecord> read(Collection<String> elections) throws SQLException {
		Map<String, LeaseRecord> records = this.connections.call((session) -> read(session, elections));
		this.doorbells.read(elections, records);
		return records;
	}

	private Map<String, LeaseRecord> read(Session session, Collection<String> elections) throws SQLException {
		Map<String, LeaseRecord> records = new HashMap<>();
		for (List<String> some : inParts(elections, JdbcLeaseStore::length)) {
			records.putAll(this.dialect.read(session, some));
		}
		return records;
	}

	@Override
	public Map<String, Answer> acquire(List<Claim> claims) throws SQLException {
		return this.doorbells.answered(this.connections.call((session) -> {
			Map<String, Answer> answers = new HashMap<>();
			for (List<Claim> some : inParts(claims, JdbcLeaseStore::length)) {
				List<String> without = some.stream()
					.filter((claim) -> Dialect.seenBy(claim) == null)
					.map(Claim::election)
					.toList();
				if (!without.isEmpty()) {
					this.dialect.addRows(session, without);
				}
				this.dialect.acquire(session, some).forEach((name, lease) -> answers.put(name, new Answer.Held(lease)));
			}
			explainRefusals(session, claims, answers);
			return answers;
		}));
	}

	private void explainRefusals(Session session, List<Claim> claims, Map<String, Answer> answers) throws SQLException {
		List<Claim> refused = claims.stream().filter((claim) -> !answers.containsKey(claim.election())).toList();
		Map<String, LeaseRecord> records = read(session, refused.stream().map(Claim::election).toList());
		List<String> busy = new ArrayList<>();
		for (Claim claim : refused) {
			LeaseRecord record = records.get(claim.election());
			if (record != null && !record.isSameAs(claim.seen())) {
				if (!mayBeOwnDoing(session, record, claim.candidate().nonce())) {
					answers.put(claim.election(), new Answer.Refused(record));
				}
			}
			else {
				answers.put(claim.election(), new Answer.Busy());
				busy.add(claim.election());
			}
		}
		for (List<String> some : inParts(busy, JdbcLeaseStore::length)) {
			// In case that an operator deleted it, without which nothing can be acquired
			this.dialect.addRows(session, some);
		}
	}

	@Override
	public Map<String, Answer> renew(List<Lease> leases) throws SQLException {
		return this.doorbells.answered(this.connections.call((session) -> {
			Map<String, Answer> answers = new HashMap<>();
			for (List<Lease> some : inParts(leases, JdbcLeaseStore::length)) {
				this.dialect.renew(session, some).forEach((name, lease) -> answers.put(name, new Answer.Held(lease)));
			}
			Map<String, LeaseRecord> records = read(session, unanswered(leases, answers.keySet()));
			for (Lease lease : leases) {
				LeaseRecord record = records.get(lease.election());
				if (record != null && !mayBeOwnDoing(session, record, lease.nonce())) {
					answers.put(lease.election(), new Answer.Refused(record));
				}
			}
			return answers;
		}));
	}

	/** What a first try may have written refuses nothing: there is no answer then. */
	private static boolean mayBeOwnDoing(Session session, LeaseRecord record, String nonce) {
		return session.isRepeating() && record instanceof LeaseRecord.Held held && held.lease().nonce().equals(nonce);
	}

	@Override
	public Map<String, Answer> release(List<Lease> leases) throws SQLException {
		return this.doorbells.answered(this.connections.call((session) -> {
			Map<String, Answer> answers = new HashMap<>();
			for (List<Lease> some : inParts(leases, JdbcLeaseStore::length)) {
				this.dialect.release(session, some).forEach((name) -> answers.put(name, new Answer.Released()));
			}
			Map<String, LeaseRecord> records = read(session, unanswered(leases, answers.keySet()));
			for (Lease lease : leases) {
				LeaseRecord record = records.get(lease.election());
				if (record != null && !isOf(record, lease)) {
					answers.put(lease.election(), new Answer.Released());
				}
			}
			return answers;
		}));
	}

	/** Of a lease that could not be released the row was locked; there is no answer. */
	private static boolean isOf(LeaseRecord record, Lease lease) {
		return record instanceof LeaseRecord.Held held && held.lease().nonce().equals(lease.nonce())
				&& held.term() == lease.term();
	}

	private static List<String> unanswered(List<Lease> leases, Set<String> answered) {
		return leases.stream().map(Lease::election).filter((name) -> !answered.contains(name)).toList();
	}

	@Override
	public void register(Registration registration) throws SQLException {
		this.connections.callAside((session) -> {
			if (!isRegistered(registration) || !this.dialect.keepCandidate(session, registration)) {
				this.dialect.addCandidate(session, registration);
				this.registered = registration;
			}
			return true;
		});
	}

	private boolean isRegistered(Registration registration) {
		Registration last = this.registered;
		return last != null && last.elections().containsAll(registration.elections())
				&& registration.equals(new Registration(last.nonce(), last.candidateId(), last.attributes(),
						registration.elections(), last.keep()));
	}

	@Override
	public void unregister(Registration registration) throws SQLException {
		this.connections.callAside((session) -> {
			this.registered = null;
			this.dialect.removeCandidate(session, registration);
			return true;
		});
	}

	@Override
	public List<RosterEntry> candidates(String election) throws SQLException {
		return this.connections.callAside((session) -> this.dialect.candidates(session, election));
	}

	private static int length(Claim claim) {
		Self candidate = claim.candidate();
		return length(candidate.election()) + 2 * length(candidate.nonce()) + length(candidate.candidateId())
				+ length(Attributes.encode(candidate.attributes()));
	}

	private static int length(Lease lease) {
		return length(lease.election()) + length(lease.nonce());
	}

	private static int length(String text) {
		return text.getBytes(StandardCharsets.UTF_8).length;
	}

	/** Parts that are small enough for one request each. */
	private static <T> List<List<T>> inParts(Collection<T> all, ToIntFunction<T> length) {
		List<List<T>> parts = new ArrayList<>();
		int room = 0;
		for (T one : all) {
			int needed = length.applyAsInt(one) + NUMBERS;
			List<T> part = parts.isEmpty() ? List.of() : parts.get(parts.size() - 1);
			if (part.size() % MOST_ELECTIONS == 0 || needed > room) {
				part = new ArrayList<>();
				parts.add(part);
				room = MOST_BYTES;
			}
			part.add(one);
			room -= needed;
		}
		return parts;
	}

	@Override
	public boolean watch(Consumer<Hint> hints) throws SQLException {
		Doorbell doorbell = this.doorbells.take();
		try {
			return this.connections
				.watch((session) -> this.dialect.watch(session, this.requestTimeout, doorbell, hints));
		}
		finally {
			this.doorbells.giveBack(doorbell);
		}
	}

	@Override
	public void close() {
		this.connections.close();
		this.doorbells.close();
	}

}
