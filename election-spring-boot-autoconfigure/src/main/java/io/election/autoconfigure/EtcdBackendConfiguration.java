package io.election.autoconfigure;

import io.etcd.jetcd.Client;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes {@code election.backend=etcd} an option where there is a client for it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(Client.class)
class EtcdBackendConfiguration {

	@Bean
	@ConditionalOnMissingBean(EtcdConnectionDetails.class)
	PropertiesEtcdConnectionDetails electionEtcdConnectionDetails(ElectionProperties properties) {
		return new PropertiesEtcdConnectionDetails(properties.etcd());
	}

	@Bean
	EtcdBackendOption etcdBackendOption(ElectionProperties properties, EtcdConnectionDetails connectionDetails,
			ObjectProvider<SslBundles> sslBundles) {
		return new EtcdBackendOption(properties.etcd(), properties.firstToken(), connectionDetails, sslBundles);
	}

}
