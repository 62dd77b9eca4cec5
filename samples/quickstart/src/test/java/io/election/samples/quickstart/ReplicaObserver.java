package io.election.samples.quickstart;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipRevokedEvent;
import io.election.samples.quickstart.Signal.Kind;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;

/**
 * Part of a replica: tells the demo what happens there. Asks {@code isLeader()} about a
 * thousand times a second, from before elections start until the process ends.
 */
class ReplicaObserver implements InitializingBean {

	private static final long SAMPLE_NANOS = Duration.ofMillis(1).toNanos();

	private static final long TELL_NANOS = Duration.ofMillis(250).toNanos();

	private final LeaderElection election;

	ReplicaObserver(LeaderElection election) {
		this.election = election;
	}

	@Override
	public void afterPropertiesSet() {
		Thread sampler = new Thread(this::sample, "sampler");
		sampler.setDaemon(true);
		sampler.start();
	}

	@EventListener
	void onReady(ApplicationReadyEvent event) {
		tell(Kind.READY, System.nanoTime(), 0,
				event.getApplicationContext().getEnvironment().getRequiredProperty("local.server.port"));
	}

	@EventListener
	void onGranted(LeadershipGrantedEvent event) {
		tell(Kind.GRANTED, System.nanoTime(), event.getFencingToken(), "-");
	}

	@EventListener
	void onRevoked(LeadershipRevokedEvent event) {
		tell(Kind.REVOKED, System.nanoTime(), event.getFencingToken(), event.getReason().name());
	}

	/**
	 * Tells of a term when it is first seen, a few times while it lasts, and when it is
	 * seen no more. All times told of one term lie inside it: the first is that after the
	 * call, later ones are those before it.
	 */
	private void sample() {
		long toldToken = 0;
		long toldAt = System.nanoTime();
		long lastAt = toldAt;
		for (int asked = 1;; asked++) {
			long before = System.nanoTime();
			boolean leads = this.election.isLeader();
			long after = System.nanoTime();
			long token = leads ? this.election.leadership().map(Leadership::fencingToken).orElse(toldToken) : 0;
			if (token != toldToken) {
				tell(Kind.SAMPLED, lastAt, toldToken, "0");
				lastAt = after;
			}
			else {
				lastAt = before;
			}
			if (token != toldToken || lastAt - toldAt > TELL_NANOS) {
				tell(Kind.SAMPLED, lastAt, token, String.valueOf(asked));
				toldToken = token;
				toldAt = lastAt;
				asked = 0;
			}
			LockSupport.parkNanos(SAMPLE_NANOS);
		}
	}

	private static void tell(Kind kind, long at, long token, String detail) {
		System.out.println(new Signal(kind, at, token, detail));
	}

}
