package io.election.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * How to reach a database.
 *
 * @param origin where this was found, as part of a sentence
 * @param url the JDBC URL. May hold secrets: do not show it
 * @param username the username, {@code null} if it is in the URL or not needed
 * @param password the password, {@code null} if it is in the URL or not needed
 * @param driverClassName the class of the driver, {@code null} to find it by the URL
 * @param properties further properties for the driver
 * @param schema the schema that the application's connections use, {@code null} for that
 * of the database
 */
record JdbcAccess(String origin, String url, @Nullable String username, @Nullable String password,
		@Nullable String driverClassName, Map<String, String> properties, @Nullable String schema) {

	JdbcAccess {
		properties = Map.copyOf(properties);
	}

	/**
	 * Applies what is set for elections alone, such as a user of their own.
	 */
	JdbcAccess with(ElectionProperties.Jdbc own) {
		boolean sameUser = own.username() == null;
		Map<String, String> merged = new LinkedHashMap<>(this.properties);
		merged.putAll(own.properties());
		return new JdbcAccess(this.origin, this.url, sameUser ? this.username : own.username(),
				(sameUser && own.password() == null) ? this.password : own.password(),
				(own.driverClassName() != null) ? own.driverClassName() : this.driverClassName, merged,
				(own.schema() != null) ? own.schema() : this.schema);
	}

	/**
	 * Whether the database is of the given kind, also where a driver that adds to another
	 * one puts its own name in front, as in {@code jdbc:otel:postgresql:}.
	 */
	boolean isFor(String subprotocol) {
		int end = this.url.indexOf("//");
		String protocol = (end >= 0) ? this.url.substring(0, end) : this.url;
		return protocol.startsWith("jdbc:") && protocol.contains(":" + subprotocol + ":");
	}

	/** The part of the URL that names the kind of database. */
	String protocol() {
		int end = this.url.indexOf(':', "jdbc:".length());
		return (end > 0) ? this.url.substring(0, end) : "an unknown database";
	}

	/** Without the secrets. */
	@Override
	public String toString() {
		return this.origin + " for " + protocol();
	}

}
