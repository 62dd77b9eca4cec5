package io.election.core;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs {@link ElectionSimulation} with many seeds. System properties:
 * {@code election.simulation.seeds} is how many, {@code election.simulation.first} is the
 * first one, {@code election.simulation.seed} runs a single one and tells its story.
 */
@Tag("simulation")
class ElectionSimulationTests {

	/** How many seeds, from 1 on, the default build runs. */
	static final long DEFAULT_SEEDS = 10_000;

	private static final long FIRST = Long.getLong("election.simulation.first", 1);

	private static final long SEEDS = Long.getLong("election.simulation.seeds", DEFAULT_SEEDS);

	private static final Long SEED = Long.getLong("election.simulation.seed");

	@Test
	void everyPromiseIsKeptWhateverHappens() {
		if (SEED != null) {
			tell(SEED);
			return;
		}
		AtomicIntegerArray transitions = new AtomicIntegerArray(Transition.values().length);
		AtomicIntegerArray happenings = new AtomicIntegerArray(Happening.values().length);
		Optional<Long> failing = LongStream.range(FIRST, FIRST + SEEDS).parallel().filter((seed) -> {
			ElectionSimulation simulation = new ElectionSimulation(seed, new Rules(), false);
			boolean fails = fails(simulation);
			simulation.transitions().forEach((transition) -> transitions.incrementAndGet(transition.ordinal()));
			simulation.chronicle().happened().forEach((happening) -> happenings.incrementAndGet(happening.ordinal()));
			return fails;
		}).boxed().findFirst();
		if (failing.isPresent()) {
			tell(failing.get());
			throw new AssertionError("seed " + failing.get() + " failed, and did not when it was told");
		}
		System.out.printf("%d seeds, and in how many of them what happened:%n%s%n%s%n", SEEDS,
				summary(Transition.values(), transitions), summary(Happening.values(), happenings));
		if (SEEDS < DEFAULT_SEEDS) {
			return; // too few to see everything
		}
		assertThat(Transition.values()).as("rows of the table that were seen")
			.allMatch((transition) -> transitions.get(transition.ordinal()) > 0);
		assertThat(Happening.values()).as("what was simulated")
			.allMatch((happening) -> happenings.get(happening.ordinal()) > 0);
	}

	@Test
	void sameSeedIsTheSameStory() {
		ElectionSimulation one = new ElectionSimulation(FIRST, new Rules(), true);
		ElectionSimulation other = new ElectionSimulation(FIRST, new Rules(), true);
		one.run();
		other.run();
		assertThat(one.chronicle().story()).isNotEmpty().isEqualTo(other.chronicle().story());
	}

	private static boolean fails(ElectionSimulation simulation) {
		try {
			simulation.run();
			return false;
		}
		catch (RuntimeException ex) {
			return true;
		}
	}

	private static void tell(long seed) {
		ElectionSimulation simulation = new ElectionSimulation(seed, new Rules(), true);
		try {
			simulation.run();
		}
		catch (RuntimeException ex) {
			throw new AssertionError("seed %d: %s%nReplay it with%n%s".formatted(seed, ex.getMessage(), command(seed)),
					ex);
		}
		finally {
			System.out.println(simulation.chronicle().story());
		}
	}

	private static String command(long seed) {
		return "mvn -pl election-spring-boot-autoconfigure -am test -Dtest=ElectionSimulationTests "
				+ "-Dsurefire.failIfNoSpecifiedTests=false -Delection.simulation.seed=" + seed;
	}

	private static String summary(Enum<?>[] values, AtomicIntegerArray counts) {
		return Arrays.stream(values)
			.map((value) -> "%9d %s".formatted(counts.get(value.ordinal()), value))
			.collect(Collectors.joining(System.lineSeparator()));
	}

}
