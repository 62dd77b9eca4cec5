/**
 * The drivers of the election: threads, their order, and the time by which leases are
 * judged. Some stores also read the monotonic clock, to limit their own requests, and
 * that of NATS has the threads of its client library.
 */
@NullMarked
package io.election.runtime;

import org.jspecify.annotations.NullMarked;
