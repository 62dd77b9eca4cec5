package io.election.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * Where to find out how the application reaches its database.
 */
interface JdbcAccessSource {

	/** How to reach the database, {@code null} if this source does not know. */
	@Nullable JdbcAccess find();

	/**
	 * Why this source does not know, as part of a sentence, where there is something to
	 * be done about it.
	 */
	default @Nullable String obstacle() {
		return null;
	}

}
