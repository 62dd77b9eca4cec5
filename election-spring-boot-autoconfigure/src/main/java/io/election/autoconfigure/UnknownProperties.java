package io.election.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Finds properties below {@code election} that are bound to nothing, such as misspelled
 * ones. Environment variables are not looked at: Kubernetes sets {@code ELECTION_PORT}
 * and others in every pod beside a service of the name {@code election}.
 */
final class UnknownProperties {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("election");

	private final Environment environment;

	private final Known known = new Known();

	UnknownProperties(Environment environment) {
		this.environment = environment;
		Binder.get(environment).bind(PREFIX, Bindable.of(ElectionProperties.class), this.known);
	}

	/**
	 * Looks for unknown properties.
	 * @return what is wrong with each of them, and which may be meant
	 */
	Collection<String> find() {
		Set<String> unknown = new TreeSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source instanceof IterableConfigurationPropertySource iterable
					&& !(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)) {
				iterable.stream()
					.filter(PREFIX::isAncestorOf)
					.filter((name) -> !this.known.includes(name))
					.forEach((name) -> unknown.add(explain(name, source.getConfigurationProperty(name))));
			}
		}
		return unknown;
	}

	private String explain(ConfigurationPropertyName name, @Nullable ConfigurationProperty property) {
		Origin origin = (property != null) ? property.getOrigin() : null;
		return "%s%s is not a property of elections, and is ignored.%s".formatted(name,
				(origin != null) ? " (" + origin + ")" : "",
				this.known.nearest(name).map((nearest) -> " Did you mean " + nearest + "?").orElse(""));
	}

	/** What a binder looked for: every property there is in the groups that are used. */
	private static final class Known extends AbstractBindHandler {

		private final Set<ConfigurationPropertyName> names = new HashSet<>();

		/** Whose elements have any name. */
		private final List<ConfigurationPropertyName> collections = new ArrayList<>();

		@Override
		public <T> Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target, BindContext context) {
			this.names.add(name);
			Class<?> type = target.getType().resolve(Object.class);
			if (Map.class.isAssignableFrom(type) || Collection.class.isAssignableFrom(type)) {
				this.collections.add(name);
			}
			return target;
		}

		boolean includes(ConfigurationPropertyName name) {
			return this.names.contains(name)
					|| this.collections.stream().anyMatch((collection) -> collection.isAncestorOf(name));
		}

		/**
		 * The name with its first wrong element replaced by the most similar right one.
		 */
		Optional<String> nearest(ConfigurationPropertyName name) {
			int size = 1;
			while (includes(name.chop(size))) {
				size++;
			}
			ConfigurationPropertyName parent = name.chop(size - 1);
			String wrong = name.getElement(size - 1, ConfigurationPropertyName.Form.DASHED);
			String rest = name.toString().substring(name.chop(size).toString().length());
			return this.names.stream()
				.filter(parent::isParentOf)
				.map((known) -> known.getLastElement(ConfigurationPropertyName.Form.DASHED))
				.filter((element) -> distance(element, wrong) <= Math.max(element.length(), wrong.length()) / 3)
				.min(Comparator.comparingInt((String element) -> distance(element, wrong))
					.thenComparing(Comparator.naturalOrder()))
				.map((element) -> parent.append(element) + rest);
		}

		/** The number of letters to insert, delete, replace or swap with the next one. */
		private static int distance(String one, String other) {
			int[][] distances = new int[one.length() + 1][other.length() + 1];
			for (int i = 0; i <= one.length(); i++) {
				for (int j = 0; j <= other.length(); j++) {
					if (i == 0 || j == 0) {
						distances[i][j] = i + j;
						continue;
					}
					boolean same = one.charAt(i - 1) == other.charAt(j - 1);
					int distance = Math.min(distances[i - 1][j - 1] + (same ? 0 : 1),
							1 + Math.min(distances[i - 1][j], distances[i][j - 1]));
					boolean swapped = i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
							&& one.charAt(i - 2) == other.charAt(j - 1);
					distances[i][j] = swapped ? Math.min(distance, distances[i - 2][j - 2] + 1) : distance;
				}
			}
			return distances[one.length()][other.length()];
		}

	}

}
