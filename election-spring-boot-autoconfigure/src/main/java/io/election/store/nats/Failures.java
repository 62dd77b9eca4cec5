package io.election.store.nats;

import java.util.Set;
import java.util.concurrent.TimeoutException;

import io.election.store.UnusableBackendException;
import io.nats.client.AuthenticationException;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusException;

/**
 * Says what went wrong in words for people.
 */
final class Failures {

	/** The status of a request that no server takes. */
	private static final int NO_RESPONDERS = 503;

	/** JetStream is off for the account, or for the server. */
	private static final Set<Integer> WITHOUT_JETSTREAM = Set.of(10039, 10076);

	private Failures() {
	}

	/**
	 * Explains a failure.
	 * @param complaint what server or library complained about before, empty if nothing
	 */
	static String explain(Exception failure, String complaint, NatsSettings settings) {
		if (isRefusedLogin(failure, complaint)) {
			return "NATS refuses " + user(settings) + ": " + complaint;
		}
		if (isMissingPermission(complaint)) {
			return "NATS does not let " + user(settings) + " do what elections need: " + complaint;
		}
		if (failure instanceof TimeoutException) {
			return "No answer in time from NATS at " + settings.members()
					+ (complaint.isEmpty() ? "" : ": " + complaint);
		}
		if (reason(failure).startsWith("Unable to connect")) {
			return "No connection to NATS at " + settings.members() + ": " + complaint;
		}
		if (failure instanceof JetStreamStatusException status && status.getStatus().getCode() == NO_RESPONDERS) {
			return "NATS at " + settings.members()
					+ " does not answer requests for JetStream: it is not enabled there, "
					+ "or not for the account of " + user(settings) + ", or " + domain(settings) + ": "
					+ reason(failure);
		}
		return "NATS at " + settings.members() + " fails: " + reason(failure);
	}

	private static String domain(NatsSettings settings) {
		return (settings.domain() != null) ? "there is no domain '" + settings.domain() + "' (election.nats.domain)"
				: "only in a domain, which election.nats.domain has to name";
	}

	/** Whether somebody has to change users, permissions, buckets or the server. */
	static boolean isLasting(Exception failure, String complaint) {
		return isRefusedLogin(failure, complaint) || isMissingPermission(complaint)
				|| failure instanceof UnusableBackendException || (failure instanceof JetStreamApiException known
						&& WITHOUT_JETSTREAM.contains(known.getApiErrorCode()));
	}

	private static boolean isRefusedLogin(Exception failure, String complaint) {
		return failure instanceof AuthenticationException || complaint.startsWith("Authorization Violation");
	}

	private static boolean isMissingPermission(String complaint) {
		return complaint.startsWith("Permissions Violation");
	}

	private static String user(NatsSettings settings) {
		if (settings.username() != null) {
			return "the user '" + settings.username() + "'";
		}
		if (settings.credentials() != null) {
			return "the user of '" + settings.credentials() + "'";
		}
		return (settings.token() != null) ? "the token" : "clients that do not log in";
	}

	/** What the innermost exception says, in a line. */
	static String reason(Throwable failure) {
		Throwable innermost = failure;
		while (innermost.getCause() != null) {
			innermost = innermost.getCause();
		}
		String reason = innermost.getMessage();
		return (reason != null) ? reason.lines().findFirst().orElse("") : innermost.toString();
	}

}
