/**
 * The drivers of the election: the only place with threads and monotonic time.
 */
@NullMarked
package io.election.runtime;

import org.jspecify.annotations.NullMarked;
