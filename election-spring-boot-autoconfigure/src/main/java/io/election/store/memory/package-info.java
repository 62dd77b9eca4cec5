/**
 * Leases in the memory of this JVM, for development and tests.
 */
@NullMarked
package io.election.store.memory;

import org.jspecify.annotations.NullMarked;
