/**
 * The view of operators: endpoint, health and metrics.
 */
@NullMarked
package io.election.actuate;

import org.jspecify.annotations.NullMarked;
