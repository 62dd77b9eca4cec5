/**
 * The view of operators: endpoint, health, metrics and info.
 */
@NullMarked
package io.election.actuate;

import org.jspecify.annotations.NullMarked;
