package io.election.autoconfigure;

import org.postgresql.Driver;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes {@code election.backend=postgres} an option where there is a driver for it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(Driver.class)
class PostgresBackendConfiguration {

	static final String NAME = "postgres";

	@Bean
	JdbcBackendOption postgresBackendOption(ElectionProperties properties, ObjectProvider<JdbcAccessSource> sources) {
		return new JdbcBackendOption(NAME, "PostgreSQL", "jdbc:postgresql:", properties.jdbc(),
				sources.orderedStream().toList());
	}

}
