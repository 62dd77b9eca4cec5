/**
 * Applications that the integration tests of this module run as processes.
 */
@NullMarked
package io.election.testing.integration;

import org.jspecify.annotations.NullMarked;
