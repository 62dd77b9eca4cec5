package io.election.store.etcd;

import java.util.concurrent.TimeUnit;

import io.grpc.Deadline;

/**
 * The lease that a process has in etcd. All its keys end with it.
 *
 * @param id the identity
 * @param seconds its time to live after each time that it was kept alive
 */
record Session(long id, long seconds) {

	/** What keys of this session end with. */
	String name() {
		return Long.toHexString(this.id);
	}

	/** The end of the session if it is kept alive at this instant and not again. */
	Deadline lease() {
		return Deadline.after(this.seconds, TimeUnit.SECONDS);
	}

}
