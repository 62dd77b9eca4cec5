package io.election.autoconfigure;

import io.election.runtime.BackendContactException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells people why a start with {@code election.fail-fast=true} did not reach the
 * backend.
 */
class BackendContactFailureAnalyzer extends AbstractFailureAnalyzer<BackendContactException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, BackendContactException cause) {
		return new FailureAnalysis("The election backend '" + cause.backend() + "' cannot be used: " + cause.problem(),
				"Correct what the description names. To let the application start without the backend, and take part"
						+ " in elections as soon as it can be used, set election.fail-fast=false.",
				cause);
	}

}
