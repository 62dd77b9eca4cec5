package io.election.runtime;

/**
 * Thrown by a start that has to reach the backend and did not.
 */
public class BackendContactException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String backend;

	private final String problem;

	/**
	 * Creates an exception.
	 * @param backend the name of the backend
	 * @param problem what is wrong with it
	 */
	public BackendContactException(String backend, String problem) {
		super("Backend " + backend + " cannot be used: " + problem);
		this.backend = backend;
		this.problem = problem;
	}

	/**
	 * The backend.
	 * @return its name, as in {@code election.backend}
	 */
	public String backend() {
		return this.backend;
	}

	/**
	 * What is wrong with it.
	 * @return a sentence
	 */
	public String problem() {
		return this.problem;
	}

}
