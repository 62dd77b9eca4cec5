package io.election.autoconfigure;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

import io.election.store.jdbc.JdbcSettings;
import org.jspecify.annotations.Nullable;

/**
 * How the application reaches a database.
 *
 * @param origin where this was found, as part of a sentence
 * @param url the JDBC URL. May hold secrets: do not show it
 * @param username the username, {@code null} if it is in the URL or not needed
 * @param password the password, {@code null} if it is in the URL or not needed
 * @param driverClassName the class of the driver, {@code null} to find it by the URL
 * @param properties further properties for the driver
 * @param schema the schema that its connections use, {@code null} for that of the
 * database
 */
record JdbcAccess(String origin, String url, @Nullable String username, @Nullable String password,
		@Nullable String driverClassName, Map<String, String> properties, @Nullable String schema) {

	JdbcAccess(String origin, String url) {
		this(origin, url, null, null, null, Map.of(), null);
	}

	/** The part of the URL that names the kind of database. */
	String protocol() {
		int end = this.url.indexOf(':', "jdbc:".length());
		return (end > 0) ? this.url.substring(0, end) : "an unknown database";
	}

	/**
	 * The settings for elections, with what is set for them alone in place of what the
	 * application has: a user of their own, for instance.
	 */
	JdbcSettings toSettings(ElectionProperties.Jdbc own) {
		boolean hasOwnUser = own.username() != null;
		String password = (hasOwnUser || own.password() != null) ? own.password() : this.password;
		Map<String, String> properties = new LinkedHashMap<>(this.properties);
		properties.putAll(own.properties());
		boolean hasOwnCredentials = own.url() == null && (hasOwnUser || own.password() != null);
		return new JdbcSettings(hasOwnCredentials ? withoutCredentials(this.url) : this.url,
				first(own.driverClassName(), this.driverClassName), first(own.username(), this.username), password,
				properties, first(own.schema(), this.schema), own.tablePrefix(),
				own.initializeSchema() == ElectionProperties.InitializeSchema.ALWAYS, own.doorbell());
	}

	/** Drivers would let those in the URL win. */
	private static String withoutCredentials(String url) {
		int start = url.indexOf('?');
		if (start < 0) {
			return url;
		}
		return url.substring(0, start + 1) + Arrays.stream(url.substring(start + 1).split("&", -1))
			.filter((parameter) -> !parameter.matches("(user|password)=.*"))
			.collect(Collectors.joining("&"));
	}

	private static @Nullable String first(@Nullable String own, @Nullable String other) {
		return (own != null) ? own : other;
	}

	/** Without the secrets. */
	@Override
	public String toString() {
		return this.origin + " for " + protocol();
	}

}
