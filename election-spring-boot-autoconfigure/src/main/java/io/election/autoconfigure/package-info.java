/**
 * Properties, auto-configuration and failure analysis.
 */
@NullMarked
package io.election.autoconfigure;

import org.jspecify.annotations.NullMarked;
