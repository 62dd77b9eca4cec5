package io.election.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/**
 * {@link ConnectionDetails} of an etcd cluster for elections. A bean of this type
 * replaces {@code election.etcd.endpoints}, {@code username} and {@code password}; the
 * other properties of {@code election.etcd} stay in force.
 * <p>
 * It is asked for each new connection, on a thread of elections, and should answer at
 * once. What has changed by then, such as a password, is used from that connection on.
 */
public interface EtcdConnectionDetails extends ConnectionDetails {

	/**
	 * The members of the cluster.
	 * @return URLs such as {@code http://etcd-0:2379}; none if etcd is not configured
	 */
	List<String> getEndpoints();

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

}
