package io.election.autoconfigure;

import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * The application cannot take part in elections the way it is configured.
 */
final class ElectionConfigurationException extends RuntimeException {

	private final String action;

	/**
	 * Creates the exception.
	 * @param description what is wrong
	 * @param action what to do about it
	 */
	ElectionConfigurationException(String description, String action) {
		super(description);
		this.action = action;
	}

	FailureAnalysis analysis() {
		return new FailureAnalysis(getMessage(), this.action, this);
	}

}
