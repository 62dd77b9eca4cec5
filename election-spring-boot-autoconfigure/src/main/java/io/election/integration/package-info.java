/**
 * Elections for applications that are made for Spring Integration's leader events.
 */
@NullMarked
package io.election.integration;

import org.jspecify.annotations.NullMarked;
