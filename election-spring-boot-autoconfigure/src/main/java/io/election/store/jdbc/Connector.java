package io.election.store.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/**
 * Makes the connections of elections.
 */
@FunctionalInterface
interface Connector {

	/**
	 * Connects within the given time.
	 * @param properties of the driver; they overrule all others
	 */
	Session connect(Properties properties, Duration limit) throws SQLException;

	/**
	 * Returns what makes connections as settings say.
	 * @throws IllegalArgumentException if the driver cannot be used
	 */
	static Connector of(JdbcSettings settings) {
		return (settings.dataSource() != null) ? new DataSourceConnector(settings, settings.dataSource())
				: new DriverConnector(settings);
	}

	/** Asks for credentials, which may be had from somebody else. */
	static JdbcCredentials credentials(JdbcSettings settings) throws SQLException {
		try {
			return settings.credentials().get();
		}
		catch (RuntimeException ex) {
			throw new SQLException("User name and password could not be had", ex);
		}
	}

}
