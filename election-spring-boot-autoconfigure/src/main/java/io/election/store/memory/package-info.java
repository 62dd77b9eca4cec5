/**
 * Leases in the memory of one JVM, for development and tests.
 */
@NullMarked
package io.election.store.memory;

import org.jspecify.annotations.NullMarked;
