package io.election.autoconfigure;

import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.util.StringUtils;

/**
 * Where to learn how to reach a database: from {@code election.jdbc}, else from a
 * {@link HikariDataSource}, that of {@link ElectionDataSource} first, else from
 * {@link JdbcConnectionDetails}.
 */
@Configuration(proxyBeanMethods = false)
class JdbcConfiguration {

	@Bean
	@Order(0)
	JdbcAccessSource electionPropertiesJdbcAccessSource(ElectionProperties properties) {
		ElectionProperties.Jdbc jdbc = properties.jdbc();
		return () -> StringUtils.hasText(jdbc.url()) ? new JdbcAccess("election.jdbc.url", jdbc.url()) : null;
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ HikariDataSource.class, DataSourceUnwrapper.class })
	static class Hikari {

		@Bean
		@Order(1)
		JdbcAccessSource hikariJdbcAccessSource(@ElectionDataSource ObjectProvider<DataSource> electionDataSource,
				ObjectProvider<DataSource> dataSource) {
			return new HikariJdbcAccessSource(electionDataSource, dataSource);
		}

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
						details.getUsername(), details.getPassword(), details.getDriverClassName(), Map.of(), null)
						: null;
			};
		}

	}

}
