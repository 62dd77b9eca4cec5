package io.election.store.jdbc;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * How to reach the tables of elections.
 *
 * @param url the JDBC URL
 * @param driverClassName the driver's class, {@code null} for the one registered for the
 * URL
 * @param username the user, {@code null} if the URL or the properties name it
 * @param password the password, {@code null} if there is none or the URL or the
 * properties hold it
 * @param driverProperties properties for the driver, such as {@code sslmode}
 * @param schema the schema of the tables, {@code null} for the connection's own
 * @param tablePrefix what the names of the tables begin with
 * @param initializeSchema whether missing tables are created
 * @param doorbells for how many elections candidates wait in user locks of MySQL, each on
 * a connection of its own; other databases have better means
 */
public record JdbcSettings(String url, @Nullable String driverClassName, @Nullable String username,
		@Nullable String password, Map<String, String> driverProperties, @Nullable String schema, String tablePrefix,
		boolean initializeSchema, int doorbells) {

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

	/** The URL without what may be secret: its parameters, user and password. */
	String shownUrl() {
		return this.url.replaceFirst("[?;].*", "")
			.replaceAll("(?<=[/,])[^/,]*@", "")
			.replaceAll("(?i)((?:user|password)\\w*=)[^(),/]*", "$1***");
	}

	@Override
	public String toString() {
		return shownUrl();
	}

}
