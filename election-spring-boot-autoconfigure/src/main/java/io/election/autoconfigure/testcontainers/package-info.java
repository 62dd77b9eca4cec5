/**
 * Connection details of backends that run in Testcontainers.
 */
@NullMarked
package io.election.autoconfigure.testcontainers;

import org.jspecify.annotations.NullMarked;
