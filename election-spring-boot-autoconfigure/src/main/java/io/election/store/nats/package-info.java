/**
 * Leases in a key-value bucket of NATS.
 */
@NullMarked
package io.election.store.nats;

import org.jspecify.annotations.NullMarked;
