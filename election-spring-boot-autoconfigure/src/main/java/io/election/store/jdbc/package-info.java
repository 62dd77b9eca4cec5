/**
 * Leases in the tables of a relational database.
 */
@NullMarked
package io.election.store.jdbc;

import org.jspecify.annotations.NullMarked;
