/**
 * Connection details of backends that run in Docker Compose.
 */
@NullMarked
package io.election.autoconfigure.dockercompose;

import org.jspecify.annotations.NullMarked;
