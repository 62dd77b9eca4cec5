package io.election.store.etcd;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.etcd.jetcd.common.exception.EtcdException;
import io.etcd.jetcd.support.Errors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Says what went wrong in words for people.
 */
final class Failures {

	/** What gRPC tells about a connection for which a request has waited in vain. */
	private static final Pattern CONNECTION_FAILURE = Pattern
		.compile("Last Pick Failure=.*?cause=(?:[\\w.$]+: )?([^\n}]*)", Pattern.DOTALL);

	private Failures() {
	}

	static String explain(Exception failure, EtcdSettings settings) {
		String user = (settings.username() != null) ? "the user '" + settings.username() + "'"
				: "clients that do not log in";
		return switch (code(failure)) {
			case UNAUTHENTICATED, INVALID_ARGUMENT, FAILED_PRECONDITION ->
				"etcd refuses " + user + ": " + reason(failure);
			case PERMISSION_DENIED -> "etcd does not let " + user + " read and write all keys that begin with '"
					+ settings.prefix() + "': " + reason(failure);
			case DEADLINE_EXCEEDED -> "No answer in time from etcd at " + settings.members() + connection(failure);
			default -> "etcd at " + settings.members() + " fails: " + reason(failure);
		};
	}

	/** Whether somebody has to change users, permissions or settings. */
	static boolean isLasting(Exception failure) {
		return switch (code(failure)) {
			case UNAUTHENTICATED, INVALID_ARGUMENT, FAILED_PRECONDITION, PERMISSION_DENIED -> !isExpiredToken(failure);
			default -> false;
		};
	}

	private static String connection(Exception failure) {
		Matcher matcher = CONNECTION_FAILURE.matcher(String.valueOf(failure.getMessage()));
		return matcher.find() ? ", no connection: " + matcher.group(1).strip() : "";
	}

	/**
	 * Whether etcd does not know the token any more that the client has got for its
	 * password. Nothing was carried out, and another token will do.
	 */
	static boolean isExpiredToken(Exception failure) {
		return Errors.isInvalidTokenError(failure) || Errors.isAuthStoreExpired(failure);
	}

	/** Whether authentication is switched off, so that nobody can log in. */
	static boolean isLoginNeedless(Exception failure) {
		return reason(failure).contains("authentication is not enabled");
	}

	/** Whether etcd refuses the request for want of a login or of a permission. */
	static boolean isRefused(Exception failure) {
		return switch (code(failure)) {
			case UNAUTHENTICATED, INVALID_ARGUMENT, PERMISSION_DENIED -> true;
			default -> false;
		};
	}

	/** Whether a request failed because the lease that it needs is gone. */
	static boolean isLeaseGone(Exception failure) {
		return code(failure) == Status.Code.NOT_FOUND;
	}

	/**
	 * Whether a thread of gRPC's, which all clients of the process share, has ended.
	 * Netty ends those that an {@code OutOfMemoryError} reaches, and gRPC never starts
	 * them again while anybody uses them.
	 */
	static boolean isOfEndedThread(Throwable failure) {
		Throwable cause = failure;
		while (cause != null && !(cause instanceof RejectedExecutionException)) {
			cause = cause.getCause();
		}
		return cause != null;
	}

	private static Status.Code code(Throwable failure) {
		if (failure instanceof TimeoutException) {
			return Status.Code.DEADLINE_EXCEEDED;
		}
		return (failure instanceof EtcdException known) ? Status.Code.valueOf(known.getErrorCode().name())
				: Status.fromThrowable(failure).getCode();
	}

	/** What the innermost exception says, in a line. */
	private static String reason(Throwable failure) {
		Throwable innermost = failure;
		while (innermost.getCause() != null) {
			innermost = innermost.getCause();
		}
		String reason = (innermost instanceof StatusRuntimeException known) ? known.getStatus().getDescription()
				: innermost.getMessage();
		return (reason != null) ? reason.lines().findFirst().orElse("") : innermost.toString();
	}

}
