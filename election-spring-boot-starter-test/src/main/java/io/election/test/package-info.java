/**
 * Tests of applications that elect a leader: without a server, and without waiting.
 */
@NullMarked
package io.election.test;

import org.jspecify.annotations.NullMarked;
