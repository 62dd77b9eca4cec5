package io.election.testing.integration;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.election.LeaderElection;
import io.election.Leadership;
import org.jspecify.annotations.Nullable;

/**
 * A thread that asks {@code isLeader()} about every millisecond and reports for how long
 * the answers were true.
 */
class LeadershipSampler {

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

	/** How long nobody must have asked for the next answer to be worth a line. */
	private static final long GAP = TimeUnit.MILLISECONDS.toNanos(500);

	/** A process that is killed reports no end; what it reported last counts. */
	private static final long REPEAT = TimeUnit.SECONDS.toNanos(1);

	private final NodeOutput output;

	private final List<Sampled> elections = new CopyOnWriteArrayList<>();

	LeadershipSampler(NodeOutput output) {
		this.output = output;
	}

	void sample(LeaderElection election) {
		this.elections.add(new Sampled(election));
	}

	void start() {
		Thread thread = new Thread(this::run, "sampler");
		thread.setDaemon(true);
		thread.start();
	}

	private void run() {
		while (true) {
			this.elections.forEach(this::ask);
			LockSupport.parkNanos(PAUSE);
		}
	}

	private void ask(Sampled sampled) {
		long tokenBefore = token(sampled.election);
		long before = System.nanoTime();
		boolean leads = sampled.election.isLeader();
		Sample sample = new Sample(before, System.nanoTime());
		// Only if it is the same before and after, it is that of the answer. This thread
		// may
		// be suspended at any point, for any time
		long token = (leads && tokenBefore == token(sampled.election)) ? tokenBefore : 0;
		if (sampled.latest != null && before - sampled.latest.before() > GAP) {
			this.output.askedAfterGap(sampled.election.name(), sample, leads);
		}
		if (token != sampled.token) {
			sampled.report(this.output);
			sampled.token = token;
			sampled.first = sample;
			sampled.latest = sample;
			sampled.report(this.output);
		}
		sampled.latest = sample;
		if (before - sampled.reportedAt > REPEAT) {
			sampled.report(this.output);
		}
	}

	private static long token(LeaderElection election) {
		return election.leadership().map(Leadership::fencingToken).orElse(0L);
	}

	/** An election, and the answers that were true in a row. */
	private static final class Sampled {

		private final LeaderElection election;

		/** The token of the term that lasts, 0 if none. */
		private long token;

		private @Nullable Sample first;

		private @Nullable Sample latest;

		private long reportedAt;

		private Sampled(LeaderElection election) {
			this.election = election;
		}

		private void report(NodeOutput output) {
			if (this.token != 0 && this.first != null && this.latest != null) {
				output.led(this.election.name(), this.token, this.first, this.latest);
				this.reportedAt = this.latest.before();
			}
		}

	}

}
