/**
 * Applications that take part in elections as processes of their own, what starts and
 * commands them, and the judge of what they report.
 */
@NullMarked
package io.election.testing.integration;

import org.jspecify.annotations.NullMarked;
