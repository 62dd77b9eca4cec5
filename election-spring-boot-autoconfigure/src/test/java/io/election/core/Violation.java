package io.election.core;

/**
 * A promise was not kept.
 */
final class Violation extends RuntimeException {

	Violation(String message) {
		super(message);
	}

}
