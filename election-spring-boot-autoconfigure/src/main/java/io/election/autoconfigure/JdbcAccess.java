package io.election.autoconfigure;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import io.election.store.jdbc.JdbcConnectionSetup;
import io.election.store.jdbc.JdbcCredentials;
import io.election.store.jdbc.JdbcSettings;
import org.jspecify.annotations.Nullable;

/**
 * How the application reaches a database.
 *
 * @param origin where this was found, as part of a sentence
 * @param url the JDBC URL; {@code null} if only the {@code dataSource} knows it. May hold
 * secrets: do not show it
 * @param credentials user name and password, asked for at each connect, as they may
 * change
 * @param driverClassName the class of the driver, {@code null} to find it by the URL
 * @param properties further properties for the driver
 * @param setup what the application does with each new connection
 * @param dataSource where to take connections from, {@code null} to make them with the
 * driver
 */
record JdbcAccess(String origin, @Nullable String url, Supplier<JdbcCredentials> credentials,
		@Nullable String driverClassName, Map<String, String> properties, JdbcConnectionSetup setup,
		@Nullable DataSource dataSource) {

	/** With a driver, for connections with nothing particular. */
	JdbcAccess(String origin, String url, Supplier<JdbcCredentials> credentials, @Nullable String driverClassName) {
		this(origin, url, credentials, driverClassName, Map.of(), JdbcConnectionSetup.NONE, null);
	}

	/** Whose connections are taken as they come. */
	JdbcAccess(String origin, DataSource dataSource) {
		this(origin, null, () -> JdbcCredentials.NONE, null, Map.of(), JdbcConnectionSetup.NONE, dataSource);
	}

	/** The part of the URL that names the kind of database. */
	String protocol() {
		int end = (this.url != null) ? this.url.indexOf(':', "jdbc:".length()) : -1;
		return (this.url != null && end > 0) ? this.url.substring(0, end) : "an unknown database";
	}

	/**
	 * The settings for elections, with what is set for them alone in place of what the
	 * application has: a user of their own, for instance.
	 * @param anyUrl what stands for the kind of database where the URL is not known
	 */
	JdbcSettings toSettings(ElectionProperties.Jdbc own, String anyUrl) {
		Map<String, String> properties = new LinkedHashMap<>(this.properties);
		properties.putAll(own.properties());
		boolean hasOwnCredentials = own.username() != null || own.password() != null;
		String url = (this.url != null) ? this.url : anyUrl;
		return new JdbcSettings((own.url() == null && hasOwnCredentials) ? withoutCredentials(url) : url,
				(own.driverClassName() != null) ? own.driverClassName() : this.driverClassName,
				hasOwnCredentials ? () -> own(own) : this.credentials, properties,
				(own.username() != null) ? withoutSql(this.setup) : this.setup, this.dataSource, own.schema(),
				own.tablePrefix(), own.initializeSchema() == ElectionProperties.InitializeSchema.ALWAYS,
				own.doorbell());
	}

	/** A user of their own does not inherit a password, a password needs a user. */
	private JdbcCredentials own(ElectionProperties.Jdbc own) {
		String username = (own.username() != null) ? own.username() : this.credentials.get().username();
		return new JdbcCredentials(username, own.password());
	}

	/** A statement such as SET ROLE is meant for the user of the application. */
	private static JdbcConnectionSetup withoutSql(JdbcConnectionSetup setup) {
		return new JdbcConnectionSetup(setup.catalog(), setup.schema(), null);
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

	/** Without the secrets. */
	@Override
	public String toString() {
		return this.origin + " for " + protocol();
	}

}
