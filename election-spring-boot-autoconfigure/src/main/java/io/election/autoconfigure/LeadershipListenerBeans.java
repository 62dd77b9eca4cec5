package io.election.autoconfigure;

import java.util.Map;
import java.util.Set;

import io.election.LeaderElections;
import io.election.LeadershipListener;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.util.StringUtils;

/**
 * Subscribes beans of type {@link LeadershipListener}: to the main election, or to the
 * one that a {@code @Qualifier} of the bean names. They may depend on elections, so it is
 * done when all beans are made, which is before elections start.
 */
class LeadershipListenerBeans implements SmartInitializingSingleton {

	private final LeaderElections elections;

	private final NamedElections names;

	private final ObjectProvider<LeadershipListener> listeners;

	private final ListableBeanFactory beanFactory;

	LeadershipListenerBeans(LeaderElections elections, NamedElections names,
			ObjectProvider<LeadershipListener> listeners, ListableBeanFactory beanFactory) {
		this.elections = elections;
		this.names = names;
		this.listeners = listeners;
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		// Those of this context only: a parent may have other elections
		Map<String, LeadershipListener> beans = this.beanFactory.getBeansOfType(LeadershipListener.class, false, true);
		this.listeners.orderedStream()
			.forEach((listener) -> beans.entrySet()
				.stream()
				.filter((bean) -> bean.getValue() == listener)
				.forEach((bean) -> subscribe(bean.getKey(), listener)));
	}

	private void subscribe(String beanName, LeadershipListener listener) {
		String qualifier = qualifier(this.beanFactory, beanName);
		String election = (qualifier != null) ? qualifier : this.names.main();
		Set<String> known = this.names.all();
		if (!known.contains(election)) {
			throw new ElectionConfigurationException(
					"The LeadershipListener '%s' has the @Qualifier '%s', but no election has that name."
						.formatted(beanName, election),
					("Use @Qualifier with one of %s, or add '%s' to election.names. For an election that is joined at "
							+ "run time, call its subscribe(LeadershipListener) with a listener that is not a bean.")
						.formatted(known, election));
		}
		this.elections.get(election).subscribe(listener);
	}

	/** The election that a bean names, {@code null} if it names none. */
	static @Nullable String qualifier(ListableBeanFactory beanFactory, String beanName) {
		Qualifier qualifier = beanFactory.findAnnotationOnBean(beanName, Qualifier.class);
		return (qualifier != null && StringUtils.hasText(qualifier.value())) ? qualifier.value() : null;
	}

}
