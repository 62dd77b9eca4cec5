/**
 * What applications import: elections, leadership and the events that tell of it.
 *
 * @serial exclude
 */
@NullMarked
package io.election;

import org.jspecify.annotations.NullMarked;
