package io.election.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The numbers of one simulation: who takes part, with which timing and which clock, and
 * how bad the network is.
 */
final class Setting {

	static final long MILLI = 1_000_000;

	static final long SECOND = 1000 * MILLI;

	/** How long a message is under way at most while nothing is wrong. */
	static final long DELAY = MILLI / 2;

	/** What a few messages, a queue and short listeners take while nothing is wrong. */
	static final long MOMENT = 20 * MILLI;

	final List<String> elections;

	final List<Participant> participants = new ArrayList<>();

	/** The longest lease and retry period of any node, in real time. */
	final long longestLease;

	final long longestRetry;

	/** When everything heals. */
	final long healAt;

	// Probabilities of single events until then

	final double loss;

	final double duplication;

	final double slowness;

	final double busyness;

	final double slowListeners;

	final double forgetfulness;

	/** Whether nodes want tokens to begin higher than with 1, each where it likes. */
	private final boolean firstTokens;

	/** How the clock of the server goes, jumps aside. */
	final LocalClock serverClock;

	private final Dice dice;

	Setting(Dice dice) {
		this.dice = dice;
		this.serverClock = new LocalClock(0, dice.between(-200, 200));
		this.loss = dice.oneOf(0, 0, 0.02, 0.1, 0.3, 0.5);
		this.duplication = dice.oneOf(0, 0, 0.05, 0.2);
		this.slowness = dice.oneOf(0, 0, 0.02, 0.1, 0.3);
		this.busyness = dice.oneOf(0, 0, 0.1);
		this.slowListeners = dice.oneOf(0, 0, 0.1, 0.5);
		this.forgetfulness = dice.oneOf(0, 0, 0.02, 0.1);
		int count = dice.chance(0.7) ? 1 : 2 + (int) dice.below(2);
		this.elections = IntStream.range(0, count).mapToObj((i) -> "election-" + i).toList();
		List<Timing> timings = dice.chance(0.6) ? List.of(timing()) : List.of(timing(), timing());
		double ratio = dice.chance(0.7) ? timings.stream().mapToDouble(Setting::tolerableRatio).min().orElseThrow() : 1;
		boolean twins = dice.chance(0.15);
		this.firstTokens = dice.chance(0.3);
		int size = (int) dice.oneOf(3, 3, 3, 4, 5, 7);
		for (int i = 0; i < size; i++) {
			this.participants.add(new Participant("n" + i, (twins && i < 2) ? "twin" : "node-" + i, dice.oneOf(timings),
					clock(ratio), firstToken()));
		}
		this.longestLease = this.participants.stream()
			.mapToLong((one) -> one.clock.realTime(one.timing.leaseDuration().toNanos()))
			.max()
			.orElseThrow();
		this.longestRetry = this.participants.stream()
			.mapToLong((one) -> one.clock.realTime(one.timing.retryPeriod().toNanos()))
			.max()
			.orElseThrow();
		this.healAt = 5 * this.longestLease;
	}

	private Timing timing() {
		long retry = this.dice.between(100, 2000);
		long deadline = retry * 6 / 5 + 1 + this.dice.below(retry * 5);
		long lease = deadline + retry + (this.dice.chance(0.5) ? 0 : this.dice.below(retry * 3));
		return new Timing(Duration.ofMillis(Math.max(1000, lease)), Duration.ofMillis(deadline),
				Duration.ofMillis(retry));
	}

	/** By how much the rates of two clocks may differ: the assumption of S1. */
	private static double tolerableRatio(Timing timing) {
		double deadline = timing.renewDeadline().toNanos();
		return (timing.leaseDuration().toNanos() + deadline) / (2 * deadline);
	}

	/** A clock whose rate is between 1 / sqrt(ratio) and sqrt(ratio), often at an end. */
	private LocalClock clock(double ratio) {
		double exponent = this.dice.chance(0.5) ? this.dice.oneOf(-0.5, 0.5) : this.dice.fraction() - 0.5;
		long drift = (long) ((Math.pow(ratio, exponent * 0.999) - 1) * 1_000_000);
		return new LocalClock(this.dice.between(-1000 * SECOND, 1000 * SECOND), drift);
	}

	private long firstToken() {
		return this.firstTokens ? this.dice.between(1, 30) : 1;
	}

	void describe(Chronicle chronicle) {
		Stream<Timing> timings = this.participants.stream().map(Participant::timing);
		Stream<String> ids = this.participants.stream().map(Participant::candidateId);
		chronicle.addIf(this.elections.size() > 1, Happening.SEVERAL_ELECTIONS);
		chronicle.addIf(timings.distinct().count() > 1, Happening.DIFFERENT_TIMINGS);
		chronicle.addIf(this.participants.stream().anyMatch((one) -> one.clock.drift() != 0),
				Happening.DRIFTING_CLOCKS);
		chronicle.addIf(ids.distinct().count() < this.participants.size(), Happening.SHARED_CANDIDATE_ID);
		chronicle.addIf(this.firstTokens, Happening.DIFFERENT_FIRST_TOKENS);
		chronicle.tell(() -> "loss %s, duplication %s, slowness %s, busyness %s, slow listeners %s".formatted(this.loss,
				this.duplication, this.slowness, this.busyness, this.slowListeners));
		this.participants.forEach((one) -> chronicle.tell(one::toString));
	}

	/** A node to be. */
	record Participant(String name, String candidateId, Timing timing, LocalClock clock, long firstToken) {
	}

}
