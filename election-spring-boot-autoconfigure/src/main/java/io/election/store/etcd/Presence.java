package io.election.store.etcd;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.grpc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * The session of this process, begun by whoever needs one and kept alive by calls. For
 * one thread.
 */
final class Presence {

	/** A session outlives this many registrations, less one, that fail in a row. */
	static final int REGISTRATIONS_PER_LEASE = 3;

	static final Deadline PAST = Deadline.after(0, TimeUnit.SECONDS);

	private @Nullable Session session;

	/** While this runs, nobody need keep the session alive but for a lease. */
	private Deadline fresh = PAST;

	/** While this runs, the session has no keys but those that it should have. */
	private Deadline checked = PAST;

	/** When keys that nobody could check have kept others from leading for too long. */
	private Deadline trusted = PAST;

	/** The latest session, which may have ended since; {@code null} if it is known to. */
	@Nullable Session last() {
		return this.session;
	}

	/** The session, kept alive by this call; {@code null} if there is none any more. */
	@Nullable Session keepAlive(Connection etcd) throws Exception {
		Session current = this.session;
		if (current != null && !etcd.keepAlive(current)) {
			current = null;
		}
		return use(current);
	}

	/** The session, which is to be kept alive in any case, or one begun by this call. */
	Session lastOrBegin(Connection etcd, Duration lease) throws Exception {
		Session current = this.session;
		return (current == null || !isLongEnough(current, lease)) ? begin(etcd, lease) : current;
	}

	/** The session, kept alive or begun by this call. */
	Session keepAliveOrBegin(Connection etcd, Duration lease) throws Exception {
		Session current = keepAlive(etcd);
		return (current == null || !isLongEnough(current, lease)) ? begin(etcd, lease) : current;
	}

	Session begin(Connection etcd, Duration lease) throws Exception {
		Session begun = etcd.grant(seconds(lease));
		use(begun);
		keysAreRight(begun);
		return begun;
	}

	private static boolean isLongEnough(Session session, Duration lease) {
		return session.seconds() >= seconds(lease);
	}

	private static long seconds(Duration lease) {
		return lease.plusMillis(999).toSeconds();
	}

	/** The session, kept alive or begun lately. */
	Session any(Connection etcd, Duration lease) throws Exception {
		Session current = this.session;
		return (current == null || this.fresh.isExpired()) ? keepAliveOrBegin(etcd, lease) : current;
	}

	/** Notes that the session, or none any more, was kept alive. */
	@Nullable Session use(@Nullable Session current) {
		this.session = current;
		if (current != null) {
			long millis = current.seconds() * 1000 / (2 * REGISTRATIONS_PER_LEASE);
			this.fresh = Deadline.after(millis, TimeUnit.MILLISECONDS);
		}
		return current;
	}

	/** Whether the session's keys need to be checked. */
	boolean isUnchecked() {
		return this.checked.isExpired();
	}

	void keysMayBeWrong() {
		this.checked = PAST;
	}

	/**
	 * Leaves the session to end if its keys could not be checked for too long, though
	 * etcd answers.
	 */
	void keysCannotBeChecked() {
		if (this.trusted.isExpired()) {
			this.session = null;
		}
	}

	void keysAreRight(Session current) {
		this.checked = current.lease();
		this.trusted = Deadline.after(2 * current.seconds(), TimeUnit.SECONDS);
	}

}
