package io.election.runtime;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import io.election.core.Timing;

/**
 * What an application wants of its elections.
 *
 * @param enabled whether to take part in elections at all; if not, starting does nothing
 * @param timing the three numbers, the same for all elections
 * @param candidateId the label of this candidate
 * @param attributes what it tells other candidates about itself; asked at each start, and
 * has to answer at once
 * @param elections the names of the elections to take part in from the start, the more
 * important ones first
 * @param stopTimeout for how long a stop waits for listeners at most, up to one day
 * @param phase the phase in which elections start and stop
 * @param autoStartup whether they start together with the application context
 * @param failFast whether a start waits for the first answer of the backend, for up to a
 * lease duration, and fails without one
 * @param keepAlive whether they keep the JVM alive while they run
 * @param firstToken the lowest token of a term, up to 10^18
 */
public record ElectionSettings(boolean enabled, Timing timing, String candidateId,
		Supplier<Map<String, String>> attributes, Set<String> elections, Duration stopTimeout, int phase,
		boolean autoStartup, boolean failFast, boolean keepAlive, long firstToken) {

	private static final Duration LONGEST_STOP = Duration.ofDays(1);

	/** Leaves more tokens above it than there will ever be terms. */
	private static final long HIGHEST_FIRST_TOKEN = 1_000_000_000_000_000_000L;

	public ElectionSettings {
		elections = Collections.unmodifiableSet(new LinkedHashSet<>(elections));
		if (stopTimeout.isNegative() || stopTimeout.compareTo(LONGEST_STOP) > 0) {
			throw new IllegalArgumentException(
					"election.stop-timeout is " + Timing.show(stopTimeout) + " but must be between 0s and 1d");
		}
		if (firstToken < 1 || firstToken > HIGHEST_FIRST_TOKEN) {
			throw new IllegalArgumentException(
					"election.first-token is " + firstToken + " but must be between 1 and " + HIGHEST_FIRST_TOKEN);
		}
	}

	/**
	 * The bound of every call to a store: with it, a try that fails leaves time for the
	 * next within a retry period.
	 */
	Duration requestTimeout() {
		return this.timing.retryPeriod().multipliedBy(3).dividedBy(4);
	}

}
