/**
 * Throws errors inside of classes under test, at every place where memory can run out.
 */
package io.election.injection;
