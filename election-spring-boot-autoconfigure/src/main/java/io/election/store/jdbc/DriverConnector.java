package io.election.store.jdbc;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * Makes connections with the driver.
 */
final class DriverConnector implements Connector {

	private final JdbcSettings settings;

	private final Driver driver;

	DriverConnector(JdbcSettings settings) {
		this.settings = settings;
		this.driver = Drivers.find(settings);
	}

	@Override
	public Session connect(Properties properties, Duration limit) throws SQLException {
		if (limit.toMillis() <= 0) {
			throw new SQLTimeoutException("No time is left to connect");
		}
		long deadline = System.nanoTime() + limit.toNanos();
		Properties all = new Properties();
		all.putAll(this.settings.driverProperties());
		JdbcCredentials credentials = Connector.credentials(this.settings);
		if (credentials.username() != null) {
			all.setProperty("user", credentials.username());
		}
		if (credentials.password() != null) {
			all.setProperty("password", credentials.password());
		}
		Set<String> ours = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		ours.addAll(properties.stringPropertyNames());
		String url = without(withoutReconnecting(this.settings.url()), ours, all);
		all.keySet().removeIf((name) -> ours.contains((String) name));
		all.putAll(properties);
		MariaDbSockets.offer(this.driver, url, all);
		Connection connection = this.driver.connect(url, all);
		if (connection == null) {
			throw new SQLException("The driver does not accept this URL");
		}
		return new Session(connection, MariaDbSockets.takeLatest(), deadline).prepare(this.settings.setup());
	}

	/**
	 * The URL without a mode in which MariaDB's driver would go on with the next host
	 * where a connection is lost: nobody would configure that session. The hosts are
	 * tried in the same order without it, but when connecting only.
	 */
	private static String withoutReconnecting(String url) {
		return url.replaceFirst("(?i)^jdbc:([^/]*:)?mariadb:sequential:", "jdbc:$1mariadb:");
	}

	/**
	 * The URL without parameters that drivers would let win over properties, and without
	 * passwords, which become properties: drivers show the URL in messages.
	 */
	private String without(String url, Set<String> parameters, Properties properties) {
		int start = url.indexOf('?');
		if (start < 0) {
			return url;
		}
		StringJoiner rest = new StringJoiner("&", url.substring(0, start + 1), "");
		for (String parameter : url.substring(start + 1).split("&", -1)) {
			int end = parameter.indexOf('=');
			String name = (end < 0) ? parameter : parameter.substring(0, end);
			if (end >= 0 && name.toLowerCase(Locale.ROOT).contains("password")) {
				properties.setProperty(name, decoded(parameter.substring(end + 1)));
			}
			else if (!parameters.contains(name)) {
				rest.add(parameter);
			}
		}
		return rest.toString();
	}

	/** The value of a parameter as the driver reads it. */
	private String decoded(String value) {
		boolean isTakenAsItIs = Drivers.isMariaDb(this.driver) || this.settings.url().contains(":mariadb:");
		return isTakenAsItIs ? value : URLDecoder.decode(value, StandardCharsets.UTF_8);
	}

}
