package io.election.testing.servers;

/**
 * A JDBC driver that a {@link MySqlServer} is reached with.
 */
public enum MySqlDriver {

	/**
	 * {@code mysql-connector-j}.
	 */
	CONNECTOR_J("jdbc:mysql://127.0.0.1:%s/%s?sslMode=DISABLED&allowPublicKeyRetrieval=true"),

	/**
	 * {@code mariadb-java-client}.
	 */
	MARIADB("jdbc:mariadb://127.0.0.1:%s/%s?sslMode=disable&allowPublicKeyRetrieval=true");

	private final String url;

	MySqlDriver(String url) {
		this.url = url;
	}

	String url(int port, String database) {
		return this.url.formatted(port, database);
	}

}
