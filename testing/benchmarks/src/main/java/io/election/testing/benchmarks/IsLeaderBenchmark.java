package io.election.testing.benchmarks;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.election.LeaderElection;
import io.election.core.Timing;
import io.election.runtime.DefaultLeaderElections;
import io.election.runtime.ElectionSettings;
import io.election.runtime.ElectionTime;
import io.election.store.memory.MemoryBackend;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@code isLeader()} costs, beside the reading of the clock that it cannot do
 * without. Run with {@code -prof gc} to see that it allocates nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class IsLeaderBenchmark {

	private final DefaultLeaderElections elections = new DefaultLeaderElections(
			new ElectionSettings(true,
					new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2)), "benchmark",
					Map::of, Set.of("leads", "waits"), Duration.ofSeconds(1), 0, false, false, false, 1),
			new MemoryBackend(InstantSource.system()), (event) -> {
			}, List::of, ElectionTime.system());

	private LeaderElection leads = this.elections.get("leads");

	private LeaderElection waits = this.elections.get("waits");

	/** Waits for leadership, so that it is what is measured. */
	@Setup
	public void start() throws InterruptedException {
		this.elections.start();
		this.waits.pause();
		while (!this.leads.isLeader() || this.waits.isLeader()) {
			Thread.sleep(10);
		}
	}

	/** Ends the threads of the elections. */
	@TearDown
	public void stop() {
		this.elections.stop();
	}

	/**
	 * The measure.
	 * @return a reading
	 */
	@Benchmark
	public long nanoTime() {
		return System.nanoTime();
	}

	/**
	 * Of a leader.
	 * @return true
	 */
	@Benchmark
	public boolean leader() {
		return this.leads.isLeader();
	}

	/**
	 * Of another candidate.
	 * @return false
	 */
	@Benchmark
	public boolean candidate() {
		return this.waits.isLeader();
	}

}
