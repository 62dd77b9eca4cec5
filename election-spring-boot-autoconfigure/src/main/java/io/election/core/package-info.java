/**
 * The pure election: every state, transition and deadline, without a thread, a clock or
 * I/O.
 */
@NullMarked
package io.election.core;

import org.jspecify.annotations.NullMarked;
