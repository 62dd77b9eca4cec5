/**
 * Leases in etcd, laid out as etcd's own election recipe does.
 */
@NullMarked
package io.election.store.etcd;

import org.jspecify.annotations.NullMarked;
