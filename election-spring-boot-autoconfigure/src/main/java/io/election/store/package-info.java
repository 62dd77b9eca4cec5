/**
 * Where leases are kept: the interface of a store, and one sub-package a backend.
 */
@NullMarked
package io.election.store;

import org.jspecify.annotations.NullMarked;
