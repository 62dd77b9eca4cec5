package io.election.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells people what to change in the configuration, instead of showing a stack trace.
 */
class ElectionConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<ElectionConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ElectionConfigurationException cause) {
		return cause.analysis();
	}

}
