package io.election.autoconfigure;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import io.election.store.Backend;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The names of the elections to take part in.
 *
 * @param main the name of the main election
 * @param sources the property that each name comes from; {@code null} for the main
 * election if none gives it a name
 */
record NamedElections(String main, Map<String, @Nullable String> sources) {

	private static final String MAIN = "election.name";

	private static final String FURTHER = "election.names";

	private static final String APPLICATION = "spring.application.name";

	/** The name where there is none, so that there is a bean to inject. */
	private static final String UNNAMED = "application";

	static NamedElections of(Environment environment) {
		ElectionProperties properties = Binder.get(environment).bindOrCreate("election", ElectionProperties.class);
		Map<String, @Nullable String> sources = new LinkedHashMap<>();
		properties.names().forEach((name) -> sources.put(name, FURTHER));
		if (StringUtils.hasText(properties.name())) {
			sources.put(properties.name(), MAIN);
			return new NamedElections(properties.name(), sources);
		}
		String application = environment.getProperty(APPLICATION);
		if (StringUtils.hasText(application)) {
			sources.put(application, APPLICATION);
			return new NamedElections(application, sources);
		}
		sources.put(UNNAMED, null);
		return new NamedElections(UNNAMED, sources);
	}

	/** All names, each once, that of the main election first. */
	Set<String> all() {
		Set<String> all = new LinkedHashSet<>();
		all.add(this.main);
		all.addAll(this.sources.keySet());
		return all;
	}

	/**
	 * Refuses names that are missing or that the backend cannot have.
	 * @throws ElectionConfigurationException if one is refused
	 */
	void check(Backend backend) {
		this.sources.forEach((name, source) -> {
			if (source == null) {
				throw new ElectionConfigurationException("The main election has no name.",
						"Set " + MAIN + ", or " + APPLICATION + ", which is taken if " + MAIN + " is not set.");
			}
			try {
				backend.checkName(name);
			}
			catch (IllegalArgumentException ex) {
				throw new ElectionConfigurationException(
						"'%s' in %s cannot be the name of an election on the backend '%s': %s".formatted(name, source,
								backend.name(), ex.getMessage()),
						source.equals(APPLICATION) ? "Set " + MAIN + ", which is taken in place of " + APPLICATION + "."
								: "Change " + source + ".");
			}
		});
	}

}
