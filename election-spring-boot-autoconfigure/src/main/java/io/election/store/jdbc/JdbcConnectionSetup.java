package io.election.store.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * What is done with a new connection before elections use it, as a pool does.
 *
 * @param catalog the catalog to change to, {@code null} for the connection's own
 * @param schema the schema to change to, {@code null} for the connection's own
 * @param sql a statement to execute, such as {@code SET ROLE}, {@code null} for none
 */
public record JdbcConnectionSetup(@Nullable String catalog, @Nullable String schema, @Nullable String sql) {

	/** Nothing. */
	public static final JdbcConnectionSetup NONE = new JdbcConnectionSetup(null, null, null);

}
