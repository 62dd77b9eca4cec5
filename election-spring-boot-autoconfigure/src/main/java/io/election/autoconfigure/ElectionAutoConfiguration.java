package io.election.autoconfigure;

import java.util.Map;

import io.election.ElectionObserver;
import io.election.LeaderElections;
import io.election.LeadershipListener;
import io.election.runtime.DefaultLeaderElections;
import io.election.runtime.ElectionSettings;
import io.election.runtime.ElectionTime;
import io.election.store.Attributes;
import io.election.store.Backend;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.util.StringUtils;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for leader election.
 * <p>
 * Conditions only ask what is on the class path and what beans the application has. What
 * properties decide is decided when a bean is made, so that it also holds where
 * conditions were evaluated ahead of time.
 */
// After it: the application is seen to refuse traffic before its leadership goes
@AutoConfiguration(after = ApplicationAvailabilityAutoConfiguration.class)
@EnableConfigurationProperties(ElectionProperties.class)
@Import({ LeaderElectionRegistrar.class, EtcdBackendConfiguration.class, JdbcConfiguration.class,
		MemoryBackendConfiguration.class, MySqlBackendConfiguration.class, NatsBackendConfiguration.class,
		PostgresBackendConfiguration.class })
public final class ElectionAutoConfiguration {

	@Bean
	static LeaderElectionQualifiers leaderElectionQualifiers() {
		return new LeaderElectionQualifiers();
	}

	@Bean
	@ConditionalOnMissingBean(ignored = DisabledBackend.class)
	Backend electionBackend(ElectionProperties properties, ObjectProvider<BackendOption> options) {
		if (!properties.enabled()) {
			return new DisabledBackend();
		}
		return new BackendChoice(options.stream().toList()).choose(properties.backend());
	}

	@Bean
	@ConditionalOnMissingBean(value = LeaderElections.class, search = SearchStrategy.CURRENT)
	@Conditional(OwnElectionsCondition.class)
	DefaultLeaderElections leaderElections(ElectionProperties properties, ApplicationContext context, Backend backend,
			ObjectProvider<ElectionObserver> observers, ObjectProvider<ElectionTime> time) {
		NamedElections elections = NamedElections.of(context.getEnvironment());
		if (properties.enabled()) {
			elections.check(backend);
		}
		DefaultLeaderElections leaderElections = new DefaultLeaderElections(settings(properties, elections, context),
				backend, context, () -> observers.orderedStream().toList(), time.getIfAvailable(ElectionTime::system));
		if (properties.require() == ElectionProperties.Require.READINESS
				|| HealthRequirement.isMadeBy(properties, time)) {
			leaderElections.unfit(); // until it is known
		}
		return leaderElections;
	}

	@Bean
	@ConditionalOnBean(value = DefaultLeaderElections.class, search = SearchStrategy.CURRENT)
	ApplicationReadyStarter electionApplicationReadyStarter(ElectionProperties properties,
			DefaultLeaderElections elections, ApplicationContext context) {
		return new ApplicationReadyStarter(properties, elections, context);
	}

	@Bean
	@ConditionalOnBean(value = DefaultLeaderElections.class, search = SearchStrategy.CURRENT)
	ReadinessRequirement electionReadinessRequirement(ElectionProperties properties, DefaultLeaderElections elections,
			ApplicationContext context) {
		return new ReadinessRequirement(properties, elections, context);
	}

	@Bean
	@ConditionalOnBean(value = LeaderElections.class, search = SearchStrategy.CURRENT)
	LeadershipListenerBeans leadershipListenerBeans(LeaderElections elections, ApplicationContext context,
			ObjectProvider<LeadershipListener> listeners) {
		return new LeadershipListenerBeans(elections, NamedElections.of(context.getEnvironment()), listeners, context);
	}

	@Bean
	StartupAdvice electionStartupAdvice(ElectionProperties properties, Backend backend,
			AbstractApplicationContext context) {
		return new StartupAdvice(properties, backend, context);
	}

	private ElectionSettings settings(ElectionProperties properties, NamedElections elections,
			ApplicationContext context) {
		ElectionProperties.Candidate candidate = properties.candidate();
		String candidateId = Attributes.clean(StringUtils.hasText(candidate.id()) ? candidate.id()
				: DefaultCandidateId.get(context.getEnvironment()));
		try {
			return new ElectionSettings(properties.enabled(), properties.timing(), candidateId,
					properties.enabled() ? new CandidateAttributes(candidate.attributes(), context) : Map::of,
					elections.all(), properties.stopTimeout(), properties.phase(),
					properties.start() == ElectionProperties.Start.LIFECYCLE, properties.failFast(),
					properties.keepAlive(), properties.firstToken());
		}
		catch (IllegalArgumentException ex) {
			throw new ElectionConfigurationException(String.valueOf(ex.getMessage()), "Change the property.");
		}
	}

}
