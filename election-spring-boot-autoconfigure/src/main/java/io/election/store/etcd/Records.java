package io.election.store.etcd;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import org.jspecify.annotations.Nullable;

/**
 * What the keys of elections tell about who leads. Where there is no contender, the last
 * one has given up or etcd has ended its session: nobody holds the lease.
 * <p>
 * For one thread, except {@link #wasLeader}.
 */
final class Records {

	/** The number of operations that {@link #look} takes. */
	static final int OPERATIONS = 2;

	private static final GetOption FIRST_CREATED_FIRST = GetOption.builder()
		.isPrefix(true)
		.withSortField(GetOption.SortTarget.CREATE)
		.withSortOrder(GetOption.SortOrder.ASCEND)
		.build();

	private static final GetOption ALL = GetOption.builder().isPrefix(true).build();

	private final Layout layout;

	/** Leaders who use the recipe of etcd and nothing else, by election. */
	private final Map<String, LeaseRecord.Kept> foreigners = new HashMap<>();

	/** The token of who was last found to lead, by election. */
	private final Map<String, Long> leaders = new ConcurrentHashMap<>();

	Records(Layout layout) {
		this.layout = layout;
	}

	/** Gets what {@link #find} needs. */
	List<Op> look(String election) {
		return List.of(Op.get(this.layout.contenders(election), FIRST_CREATED_FIRST),
				Op.get(this.layout.details(election), ALL));
	}

	/** Who leads an election, as {@link #look} found it. */
	Found find(String election, List<GetResponse> found) {
		List<KeyValue> contenders = found.get(0)
			.getKvs()
			.stream()
			.filter((contender) -> election.equals(this.layout.election(contender.getKey())))
			.toList();
		long revision = found.get(0).getHeader().getRevision();
		if (contenders.isEmpty()) {
			return new Found(vacant(election), contenders, revision);
		}
		this.leaders.put(election, contenders.get(0).getCreateRevision());
		return new Found(leader(election, contenders.get(0), found.get(1).getKvs()), contenders, revision);
	}

	static LeaseRecord.Vacant vacant(String election) {
		return new LeaseRecord.Vacant(new Lease(election, "", 0, 0));
	}

	/** Whether the contender that has gone was the last one found to lead. */
	boolean wasLeader(String election, long token) {
		return this.leaders.remove(election, token);
	}

	private LeaseRecord leader(String election, KeyValue contender, List<KeyValue> allDetails) {
		String session = Layout.last(contender.getKey());
		String candidateId = contender.getValue().toString(StandardCharsets.UTF_8);
		Details details = details(session, allDetails);
		if (details != null) {
			return new LeaseRecord.Kept(lease(election, details.nonce(), contender), candidateId, details.attributes(),
					details.since());
		}
		Lease lease = lease(election, session, contender);
		LeaseRecord.Kept known = this.foreigners.get(election);
		if (known == null || !known.lease().equals(lease)) {
			known = new LeaseRecord.Kept(lease, candidateId, Map.of(), Instant.now().toEpochMilli());
			this.foreigners.put(election, known);
		}
		return known;
	}

	private static @Nullable Details details(String session, List<KeyValue> allDetails) {
		for (KeyValue details : allDetails) {
			if (Layout.last(details.getKey()).equals(session)) {
				return Details.decode(details.getValue());
			}
		}
		return null;
	}

	/** The token is what orders contenders, therefore higher than every earlier one. */
	private static Lease lease(String election, String nonce, KeyValue contender) {
		return new Lease(election, nonce, contender.getCreateRevision(), contender.getModRevision());
	}

	/**
	 * Who leads, and who else would like to.
	 *
	 * @param record who leads
	 * @param contenders the keys of all, the leader's first
	 * @param revision that of etcd then, which the next key exceeds
	 */
	record Found(LeaseRecord record, List<KeyValue> contenders, long revision) {

		/** The lease if it is that of the given candidate in the given session. */
		@Nullable Lease leaseOf(String nonce, Session session) {
			return (this.record instanceof LeaseRecord.Taken taken && taken.lease().nonce().equals(nonce)
					&& session.name().equals(Layout.last(this.contenders.get(0).getKey()))) ? taken.lease() : null;
		}

		/** Whether the given lease is there, in the given session. */
		boolean has(Lease lease, Session session) {
			Lease own = leaseOf(lease.nonce(), session);
			return own != null && own.term() == lease.term();
		}

		/** The token of the session's own key, 0 if it has none. */
		long token(Session session) {
			KeyValue own = contender(session);
			return (own != null) ? own.getCreateRevision() : 0;
		}

		/** The session's own key, {@code null} if it has none. */
		@Nullable KeyValue contender(Session session) {
			return this.contenders.stream()
				.filter((contender) -> Layout.last(contender.getKey()).equals(session.name()))
				.findFirst()
				.orElse(null);
		}

	}

}
