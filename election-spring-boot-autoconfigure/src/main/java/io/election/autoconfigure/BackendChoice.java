package io.election.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import io.election.store.Backend;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Decides which backend is used: the one that is asked for, else the only one that is
 * configured.
 */
final class BackendChoice {

	/** What is to be added to the class path for a backend to be an option. */
	private static final Map<String, String> LIBRARIES = Map.of(EtcdBackendOption.NAME, "io.etcd:jetcd-core:0.8.7",
			MySqlBackendConfiguration.NAME,
			managed("com.mysql:mysql-connector-j or org.mariadb.jdbc:mariadb-java-client"), NatsBackendOption.NAME,
			"io.nats:jnats:2.26.2", PostgresBackendConfiguration.NAME, managed("org.postgresql:postgresql"));

	/** What people call backends as well. */
	private static final Map<String, String> ALIASES = Map.of("mariadb", MySqlBackendConfiguration.NAME, "postgresql",
			PostgresBackendConfiguration.NAME);

	private final Map<String, BackendOption> options = new TreeMap<>();

	BackendChoice(List<BackendOption> options) {
		options.forEach((option) -> this.options.put(option.name(), option));
	}

	/**
	 * Makes the backend to use.
	 * @param wanted the value of {@code election.backend}
	 * @throws ElectionConfigurationException if there is none to use
	 */
	Backend choose(@Nullable String wanted) {
		BackendOption option = StringUtils.hasText(wanted) ? named(wanted) : onlyConfigured();
		return option.create();
	}

	/** Whether a value of {@code election.backend} stands for the given backend. */
	static boolean isName(String wanted, Backend backend) {
		return canonical(wanted).equals(backend.name());
	}

	private static String canonical(String wanted) {
		String name = wanted.trim().toLowerCase(Locale.ROOT);
		return ALIASES.getOrDefault(name, name);
	}

	private static String managed(String libraries) {
		return libraries + ", in the version that Spring Boot manages";
	}

	private BackendOption named(String wanted) {
		String name = canonical(wanted);
		BackendOption option = this.options.get(name);
		if (option != null) {
			return option;
		}
		String library = LIBRARIES.get(name);
		if (library != null) {
			throw new ElectionConfigurationException(
					"election.backend is '%s', but its library is not on the class path.".formatted(wanted),
					"Add the dependency %s.".formatted(library));
		}
		throw new ElectionConfigurationException(
				"election.backend is '%s', which is not a known backend.".formatted(wanted),
				"Set election.backend to one of: %s.".formatted(String.join(", ", names())));
	}

	private BackendOption onlyConfigured() {
		List<BackendOption> configured = new ArrayList<>();
		StringBuilder obstacles = new StringBuilder();
		for (String name : names()) {
			BackendOption option = this.options.get(name);
			String obstacle = (option != null) ? option.obstacle()
					: "needs the dependency %s".formatted(LIBRARIES.get(name));
			if (option != null && obstacle == null) {
				configured.add(option);
			}
			else {
				obstacles.append("%n    - %s: %s".formatted(name, obstacle));
			}
		}
		if (configured.isEmpty()) {
			throw new ElectionConfigurationException(
					"election.backend is not set, and no backend is configured:" + obstacles,
					"Configure one of them, or set election.backend=memory for development and tests in one JVM, or "
							+ "election.enabled=false to take part in no election.");
		}
		if (configured.size() > 1) {
			throw new ElectionConfigurationException(
					"election.backend is not set, and more than one backend is configured.",
					"Set election.backend to one of: %s."
						.formatted(String.join(", ", configured.stream().map(BackendOption::name).toList())));
		}
		return configured.get(0);
	}

	/** All backends, in alphabetical order. */
	private Set<String> names() {
		Set<String> names = new TreeSet<>(this.options.keySet());
		names.addAll(LIBRARIES.keySet());
		return names;
	}

	/** All values that {@code election.backend} may have, in alphabetical order. */
	Set<String> values() {
		Set<String> values = names();
		values.addAll(ALIASES.keySet());
		return values;
	}

}
