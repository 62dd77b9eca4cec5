package io.election.samples.forwarding;

import java.util.UUID;

/**
 * An order that has its number.
 *
 * @param id what the client calls it
 * @param number its number: those of all orders have no gap
 * @param fencingToken the token of the leader that numbered it
 */
record Order(UUID id, long number, long fencingToken) {
}
