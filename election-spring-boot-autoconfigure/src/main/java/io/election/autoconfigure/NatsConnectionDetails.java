package io.election.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/**
 * {@link ConnectionDetails} of NATS servers for elections. A bean of this type replaces
 * {@code election.nats.servers}, {@code username}, {@code password} and {@code token};
 * the other properties of {@code election.nats} stay in force.
 * <p>
 * It is asked for each new connection, on a thread of elections, and should answer at
 * once. What has changed by then, such as a password, is used from that connection on.
 */
public interface NatsConnectionDetails extends ConnectionDetails {

	/**
	 * The servers.
	 * @return URLs such as {@code nats://nats-0:4222}; none if NATS is not configured
	 */
	List<String> getServers();

	/**
	 * The login username.
	 * @return the username, {@code null} if none is needed
	 */
	default @Nullable String getUsername() {
		return null;
	}

	/**
	 * The login password.
	 * @return the password, {@code null} if none is needed
	 */
	default @Nullable String getPassword() {
		return null;
	}

	/**
	 * The login token.
	 * @return the token, {@code null} if none is needed
	 */
	default @Nullable String getToken() {
		return null;
	}

}
