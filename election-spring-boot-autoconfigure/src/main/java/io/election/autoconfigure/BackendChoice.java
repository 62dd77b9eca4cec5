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
	private static final Map<String, String> LIBRARIES = Map.of(EtcdBackendOption.NAME, "io.etcd:jetcd-core",
			MySqlBackendConfiguration.NAME, "com.mysql:mysql-connector-j or org.mariadb.jdbc:mariadb-java-client",
			NatsBackendOption.NAME, "io.nats:jnats", PostgresBackendConfiguration.NAME, "org.postgresql:postgresql");

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
		BackendOption option = StringUtils.hasText(wanted) ? named(wanted.toLowerCase(Locale.ROOT)) : onlyConfigured();
		return option.create();
	}

	private BackendOption named(String name) {
		BackendOption option = this.options.get(name);
		if (option != null) {
			return option;
		}
		String library = LIBRARIES.get(name);
		if (library != null) {
			throw new ElectionConfigurationException(
					"election.backend is '%s', but its library is not on the class path.".formatted(name),
					"Add the dependency %s.".formatted(library));
		}
		throw new ElectionConfigurationException("election.backend is '%s', which is no backend.".formatted(name),
				"Set election.backend to one of: %s.".formatted(String.join(", ", names())));
	}

	private BackendOption onlyConfigured() {
		List<BackendOption> configured = new ArrayList<>();
		StringBuilder obstacles = new StringBuilder();
		for (String name : names()) {
			BackendOption option = this.options.get(name);
			String obstacle = (option != null) ? option.obstacle()
					: "%s is not on the class path".formatted(LIBRARIES.get(name));
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

	/** All values that {@code election.backend} may have, in alphabetical order. */
	Set<String> names() {
		Set<String> names = new TreeSet<>(this.options.keySet());
		names.addAll(LIBRARIES.keySet());
		return names;
	}

}
