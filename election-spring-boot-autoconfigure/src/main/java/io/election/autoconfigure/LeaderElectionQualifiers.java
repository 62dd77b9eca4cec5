package io.election.autoconfigure;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.context.aot.AbstractAotProcessor;

/**
 * Makes the name of an election the qualifier of its bean, as in
 * {@code @Qualifier("billing") LeaderElection}. A {@link LeaderElectionRegistrar} cannot,
 * and an alias would clash with a bean of the application that has the same name.
 */
class LeaderElectionQualifiers implements BeanFactoryPostProcessor {

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			// Code cannot be generated for qualifiers; they are added when the code runs
			return;
		}
		for (String beanName : beanFactory.getBeanDefinitionNames()) {
			BeanDefinition definition = beanFactory.getBeanDefinition(beanName);
			if (definition.getSource() == LeaderElectionRegistrar.class) {
				String election = beanName.substring(LeaderElectionRegistrar.PREFIX.length());
				((AbstractBeanDefinition) definition)
					.addQualifier(new AutowireCandidateQualifier(Qualifier.class, election));
			}
		}
	}

}
