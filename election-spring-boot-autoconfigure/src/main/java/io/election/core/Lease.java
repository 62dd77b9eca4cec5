package io.election.core;

/**
 * One write of an election's record: who wrote it, in which term, and which write of the
 * record it was. Two observations are of the same write only if all of it is equal, and
 * every compare-and-set compares all of it; a record that was deleted and made anew never
 * looks unchanged.
 *
 * @param election the name of the election
 * @param nonce the identity of the holder, empty where nobody holds the lease
 * @param term the fencing token of the term, 0 before the first
 * @param revision changes with every write of the record
 */
public record Lease(String election, String nonce, long term, long revision) {
}
