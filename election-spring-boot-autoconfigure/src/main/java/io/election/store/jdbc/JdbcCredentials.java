package io.election.store.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * User name and password for a database.
 *
 * @param username the user, {@code null} if the URL, the properties or the DataSource
 * name it
 * @param password the password, {@code null} if there is none or it is elsewhere
 */
public record JdbcCredentials(@Nullable String username, @Nullable String password) {

	/** Neither of the two. */
	public static final JdbcCredentials NONE = new JdbcCredentials(null, null);

	/** Without the secret. */
	@Override
	public String toString() {
		return "JdbcCredentials[username=" + this.username + "]";
	}

}
