package io.election.autoconfigure;

import io.election.LeaderElections;
import io.election.integration.LeaderEventBridge;
import io.election.runtime.ContextListeners;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.integration.leader.event.AbstractLeaderEvent;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link LeaderEventBridge},
 * where Spring Integration is.
 */
@AutoConfiguration(after = ElectionAutoConfiguration.class)
@ConditionalOnClass(AbstractLeaderEvent.class)
@ConditionalOnBean(LeaderElections.class)
public final class LeaderEventBridgeAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	LeaderEventBridge leaderEventBridge(ApplicationContext context) {
		return new LeaderEventBridge(new ContextListeners(context));
	}

}
