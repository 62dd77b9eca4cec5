package io.election.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * Where the application may have said how to reach a database. Sources are ordered: the
 * first that knows is right.
 */
@FunctionalInterface
interface JdbcAccessSource {

	/** How to reach the database, {@code null} if this source does not know. */
	@Nullable JdbcAccess find();

}
