/**
 * Measurements of what an application pays for an election.
 */
@NullMarked
package io.election.testing.benchmarks;

import org.jspecify.annotations.NullMarked;
