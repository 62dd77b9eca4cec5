package io.election.autoconfigure;

import javax.sql.DataSource;

import io.election.store.jdbc.JdbcCredentials;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.util.StringUtils;

/**
 * The places where it may be said how to reach a database, in their order.
 */
@Configuration(proxyBeanMethods = false)
class JdbcConfiguration {

	@Bean
	@Order(0)
	JdbcAccessSource electionPropertiesJdbcAccessSource(ElectionProperties properties) {
		ElectionProperties.Jdbc jdbc = properties.jdbc();
		return () -> StringUtils.hasText(jdbc.url())
				? new JdbcAccess("election.jdbc.url", jdbc.url(), () -> JdbcCredentials.NONE, null) : null;
	}

	@Bean
	@Order(1)
	JdbcAccessSource dataSourceJdbcAccessSource(@ElectionDataSource ObjectProvider<DataSource> electionDataSource,
			ObjectProvider<DataSource> dataSource, ListableBeanFactory beanFactory) {
		return new DataSourceJdbcAccessSource(electionDataSource, dataSource, beanFactory);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JdbcConnectionDetails.class)
	static class ConnectionDetails {

		@Bean
		@Order(2)
		JdbcAccessSource connectionDetailsJdbcAccessSource(ObjectProvider<JdbcConnectionDetails> connectionDetails) {
			return () -> {
				JdbcConnectionDetails details = connectionDetails.getIfUnique();
				return (details != null) ? new JdbcAccess("the JdbcConnectionDetails", details.getJdbcUrl(),
						() -> new JdbcCredentials(details.getUsername(), details.getPassword()),
						details.getDriverClassName()) : null;
			};
		}

	}

}
