package io.election.autoconfigure;

import java.util.Set;

import io.election.LeaderElections;
import io.election.store.Backend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether a context has elections of its own. A child context shares those of its parent,
 * unless it configures others: one candidate of a process is enough for an election.
 */
class OwnElectionsCondition extends SpringBootCondition implements ConfigurationCondition {

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("elections of this context");
		BeanFactory parent = parent(context);
		LeaderElections inherited = (parent != null) ? parent.getBeanProvider(LeaderElections.class).getIfUnique()
				: null;
		if (parent == null || inherited == null) {
			return ConditionOutcome.match(message.because("no parent context has any"));
		}
		Set<String> names = NamedElections.of(context.getEnvironment()).all();
		if (!inherited.names().containsAll(names)) {
			return ConditionOutcome.match(message.because("the parent context does not have all of " + names));
		}
		if (isDisabled(parent) && isEnabled(context.getEnvironment())) {
			return ConditionOutcome.match(message.because("those of the parent context are disabled"));
		}
		return ConditionOutcome.noMatch(message.because("the parent context has " + names));
	}

	private static @Nullable BeanFactory parent(ConditionContext context) {
		ConfigurableListableBeanFactory beans = context.getBeanFactory();
		return (beans != null) ? beans.getParentBeanFactory() : null;
	}

	private static boolean isDisabled(BeanFactory parent) {
		return parent.getBeanProvider(Backend.class).getIfUnique() instanceof DisabledBackend;
	}

	private static boolean isEnabled(Environment environment) {
		return environment.getProperty("election.enabled", Boolean.class, true);
	}

}
