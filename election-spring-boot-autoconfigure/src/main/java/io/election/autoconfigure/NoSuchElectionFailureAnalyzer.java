package io.election.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import io.election.LeaderElection;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.annotation.Order;

/**
 * Lists the elections there are where {@code @Qualifier} asks for another one.
 */
@Order(0) // before Boot's own, which can only say that a bean is missing
class NoSuchElectionFailureAnalyzer extends AbstractInjectionFailureAnalyzer<NoSuchBeanDefinitionException> {

	private final BeanFactory beanFactory;

	NoSuchElectionFailureAnalyzer(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchBeanDefinitionException cause,
			@Nullable String description) {
		String election = qualifier(rootFailure);
		List<String> elections = elections();
		if (cause.getBeanType() != LeaderElection.class || election == null || elections.isEmpty()) {
			return null;
		}
		return new FailureAnalysis(
				"%s asks for the election '%s', but no election has that name."
					.formatted((description != null) ? description : "A bean", election),
				"Use @Qualifier with one of %s, or add '%s' to election.names.".formatted(elections, election), cause);
	}

	private @Nullable String qualifier(Throwable failure) {
		String value = null;
		// The innermost is where the bean was missing
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof UnsatisfiedDependencyException unsatisfied) {
				InjectionPoint point = unsatisfied.getInjectionPoint();
				Qualifier qualifier = (point != null) ? point.getAnnotation(Qualifier.class) : null;
				value = (qualifier != null) ? qualifier.value() : null;
			}
		}
		return value;
	}

	private List<String> elections() {
		return (this.beanFactory instanceof ListableBeanFactory listable) ? Stream.of(listable.getBeanDefinitionNames())
			.filter((name) -> name.startsWith(LeaderElectionRegistrar.PREFIX))
			.map((name) -> name.substring(LeaderElectionRegistrar.PREFIX.length()))
			.toList() : List.of();
	}

}
