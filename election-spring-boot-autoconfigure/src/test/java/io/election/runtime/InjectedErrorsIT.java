package io.election.runtime;

import java.util.Set;
import java.util.concurrent.Callable;

import io.election.injection.InjectingClassLoader;
import io.election.injection.Injection;
import org.junit.jupiter.api.Test;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Throws an error once at each call and each allocation of what runs elections, and looks
 * whether they go on. One at a time: what deals with an error is not hit by another.
 */
class InjectedErrorsIT {

	private static final Set<String> INJECTED = Set.of("Announcer", "BusyTime", "Candidacy", "CandidateDriver",
			"DefaultLeaderElection", "ElectionSession", "EventPool", "Observers", "Roster", "SerialLoop", "SerialQueue",
			"StoreHealth", "StoreWorker");

	private static final String PACKAGE = InjectedErrorsIT.class.getPackageName() + ".";

	@Test
	void electionsGoOnWhateverErrorIsThrownOnceWhereverItIs() throws Exception {
		ClassLoader loader = new InjectingClassLoader((name) -> name.startsWith(PACKAGE)
				&& INJECTED.contains(name.substring(PACKAGE.length()).split("\\$")[0]));
		Callable<?> scenario = (Callable<?>) loader.loadClass(PACKAGE + "InjectedScenario")
			.getDeclaredConstructor()
			.newInstance();
		Injection injection = Injection.current();
		assertThat(inSilence(scenario)).asString().isEmpty();
		assertThat(injection.missed()).isEmpty();
		assertThat(injection.thrown()).isGreaterThan(800);
	}

	/** Each error would be logged with its stack. */
	private static Object inSilence(Callable<?> scenario) throws Exception {
		LoggingSystem logging = LoggingSystem.get(InjectedErrorsIT.class.getClassLoader());
		logging.setLogLevel("io.election", LogLevel.OFF);
		try {
			return scenario.call();
		}
		finally {
			logging.setLogLevel("io.election", null);
		}
	}

}
