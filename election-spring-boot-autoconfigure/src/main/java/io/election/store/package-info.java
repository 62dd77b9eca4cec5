/**
 * The SPI of a backend that holds the leases, and its value types.
 */
@NullMarked
package io.election.store;

import org.jspecify.annotations.NullMarked;
