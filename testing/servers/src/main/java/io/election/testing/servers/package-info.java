/**
 * Real servers that tests and samples start and stop.
 */
@NullMarked
package io.election.testing.servers;

import org.jspecify.annotations.NullMarked;
