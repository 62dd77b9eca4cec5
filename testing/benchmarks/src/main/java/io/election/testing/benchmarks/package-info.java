/**
 * Measures what is promised in figures, over a real PostgreSQL and with real processes.
 * Nothing here asserts: figures belong to a machine.
 */
@NullMarked
package io.election.testing.benchmarks;

import org.jspecify.annotations.NullMarked;
