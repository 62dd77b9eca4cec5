package io.election.autoconfigure;

import io.nats.client.Connection;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes {@code election.backend=nats} an option where there is a client for it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(Connection.class)
class NatsBackendConfiguration {

	@Bean
	@ConditionalOnMissingBean(NatsConnectionDetails.class)
	PropertiesNatsConnectionDetails electionNatsConnectionDetails(ElectionProperties properties) {
		return new PropertiesNatsConnectionDetails(properties.nats());
	}

	@Bean
	NatsBackendOption natsBackendOption(ElectionProperties properties, NatsConnectionDetails connectionDetails,
			ObjectProvider<SslBundles> sslBundles) {
		return new NatsBackendOption(properties.nats(), connectionDetails, sslBundles);
	}

}
