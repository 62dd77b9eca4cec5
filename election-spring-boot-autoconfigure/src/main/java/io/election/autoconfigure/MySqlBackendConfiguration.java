package io.election.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/**
 * Makes {@code election.backend=mysql} an option where there is a driver for MySQL or
 * MariaDB, each of which does for both.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(MySqlBackendConfiguration.OnDriver.class)
class MySqlBackendConfiguration {

	static final String NAME = "mysql";

	@Bean
	JdbcBackendOption mysqlBackendOption(ElectionProperties properties, ObjectProvider<JdbcAccessSource> sources) {
		return new JdbcBackendOption(NAME, "MySQL or MariaDB", "jdbc:mysql:", properties.jdbc(),
				sources.orderedStream().toList());
	}

	static class OnDriver extends AnyNestedCondition {

		OnDriver() {
			super(ConfigurationPhase.PARSE_CONFIGURATION);
		}

		@ConditionalOnClass(com.mysql.cj.jdbc.Driver.class)
		static class MySqlDriver {

		}

		@ConditionalOnClass(org.mariadb.jdbc.Driver.class)
		static class MariaDbDriver {

		}

	}

}
