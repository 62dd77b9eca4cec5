package io.election.store;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by a {@link LeaseStore} whose backend answered that it cannot be used, for a
 * reason that does not heal by itself: a missing table or privilege, a wrong password, a
 * feature that is off. As after any exception, nothing is known about the elections of
 * the call, and calls are repeated; but people are told at once, and again, that there is
 * something for them to do.
 */
public class UnusableBackendException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param message what the backend said, and what to do about it
	 * @param cause what the client library threw, {@code null} if nothing
	 */
	public UnusableBackendException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
