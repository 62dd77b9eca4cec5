package io.election.store.jdbc;

import java.util.Map;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * How to reach the tables of elections.
 *
 * @param url the JDBC URL; with a {@code dataSource}, only its part that names the kind
 * of database, such as {@code jdbc:postgresql:}
 * @param driverClassName the driver's class, {@code null} for one that accepts the URL
 * @param credentials user name and password, asked for at each connect
 * @param driverProperties properties for the driver, such as {@code sslmode}
 * @param setup what is done with each new connection
 * @param dataSource where connections are taken from, {@code null} to make them with the
 * driver
 * @param schema the schema of the tables, {@code null} for the connection's own
 * @param tablePrefix what the names of the tables begin with
 * @param initializeSchema whether missing tables are created
 * @param doorbells for how many elections candidates wait in user locks of MySQL, each on
 * a connection of its own; other databases have better means
 */
public record JdbcSettings(String url, @Nullable String driverClassName, Supplier<JdbcCredentials> credentials,
		Map<String, String> driverProperties, JdbcConnectionSetup setup, @Nullable DataSource dataSource,
		@Nullable String schema, String tablePrefix, boolean initializeSchema, int doorbells) {

	/** The {@code tablePrefix} if nobody asks for another. */
	public static final String TABLE_PREFIX = "election_";

	private static final int MOST_DOORBELLS = 16;

	public JdbcSettings {
		if (doorbells < 0 || doorbells > MOST_DOORBELLS) {
			throw new IllegalArgumentException(
					"election.jdbc.doorbell is " + doorbells + " but must be 0 to " + MOST_DOORBELLS);
		}
		driverProperties = Map.copyOf(driverProperties);
	}

	/**
	 * Creates settings with a user and a password that never change.
	 */
	public JdbcSettings(String url, @Nullable String driverClassName, @Nullable String username,
			@Nullable String password, Map<String, String> driverProperties, @Nullable String schema,
			String tablePrefix, boolean initializeSchema, int doorbells) {
		this(url, driverClassName, fixed(new JdbcCredentials(username, password)), driverProperties,
				JdbcConnectionSetup.NONE, null, schema, tablePrefix, initializeSchema, doorbells);
	}

	private static Supplier<JdbcCredentials> fixed(JdbcCredentials credentials) {
		return () -> credentials;
	}

	/** The URL without what may be secret: its parameters, user and password. */
	String shownUrl() {
		if (this.dataSource != null) {
			return "the DataSource";
		}
		return this.url.replaceFirst("[?;].*", "")
			.replaceAll("(?<=[/,])[^/,]*@", "")
			.replaceAll("(?i)((?:user|password)\\w*=)[^(),/]*", "$1***");
	}

	@Override
	public String toString() {
		return shownUrl();
	}

}
