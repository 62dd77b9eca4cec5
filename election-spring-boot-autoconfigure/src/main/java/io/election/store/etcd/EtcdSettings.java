package io.election.store.etcd;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * How to reach etcd, and where in it elections are.
 *
 * @param endpoints the URLs of its members in the order in which they are tried, with the
 * scheme {@code http} or, for TLS, {@code https}, the same for all; the port is 2379 if
 * none is given
 * @param username the user, {@code null} where etcd asks for none
 * @param password the user's password, {@code null} if there is no user
 * @param ssl makes what a connection speaks TLS with, {@code null} for plain text
 * @param authority the name that the certificates of all members bear, {@code null} if
 * they bear the name or address in their URL
 * @param prefix what all keys begin with, ending with a slash
 */
public record EtcdSettings(List<URI> endpoints, @Nullable String username, @Nullable String password,
		@Nullable Supplier<SslContext> ssl, @Nullable String authority, String prefix) {

	/** The {@code prefix} if nobody asks for another. */
	public static final String PREFIX = "election/";

	private static final long RETRY_MILLIS = 10;

	/** The shortest one that gRPC allows. */
	private static final Duration PING_PERIOD = Duration.ofSeconds(10);

	private static final Duration PING_TIMEOUT = Duration.ofSeconds(5);

	/** What a list of the keys of ten thousand elections may take. */
	private static final int MOST_BYTES = 64 << 20;

	public EtcdSettings {
		endpoints = List.copyOf(endpoints);
		require(!endpoints.isEmpty(), "election.etcd.endpoints is empty");
		for (URI endpoint : endpoints) {
			String scheme = (ssl != null) ? "https" : "http";
			require(scheme.equals(endpoint.getScheme()), "election.etcd.endpoints contains '" + endpoint
					+ "', but with another one of https, or an SSL bundle, all have to be of the form https://host:port");
		}
		require((username != null) == (password != null),
				"Of election.etcd.username and election.etcd.password only one is set");
		require(prefix.length() > 1 && prefix.endsWith("/"),
				"election.etcd.prefix is '" + prefix + "' but must end with a slash and be more than that");
	}

	/**
	 * A client, yet to be built, that sends everything to one member: the first that can
	 * be connected to. The library's own choice is a member for each request, so that one
	 * that is connected but cannot serve would fail its share of them for ever.
	 * @param first where in the list to begin, counted on beyond its end
	 */
	ClientBuilder client(int first) {
		List<URI> members = new ArrayList<>(this.endpoints);
		Collections.rotate(members, -first);
		ClientBuilder builder = Client.builder()
			.authority(this.authority)
			.target(target(members))
			.loadBalancerPolicy("pick_first")
			.sslContext((this.ssl != null) ? this.ssl.get() : null)
			.retryMaxAttempts(1) // for an expired token; callers try the rest again
			.retryDelay(RETRY_MILLIS)
			.retryMaxDelay(2 * RETRY_MILLIS)
			.keepaliveTime(PING_PERIOD)
			.keepaliveTimeout(PING_TIMEOUT)
			.keepaliveWithoutCalls(false) // etcd closes connections that do
			.maxInboundMessageSize(MOST_BYTES);
		if (this.username != null && this.password != null) {
			builder.user(ByteSequence.from(this.username, StandardCharsets.UTF_8));
			builder.password(ByteSequence.from(this.password, StandardCharsets.UTF_8));
		}
		return builder;
	}

	/**
	 * What jetcd would make of the members by itself, but for the brackets of IPv6
	 * addresses: it leaves them in a place where URLs may have none.
	 */
	private String target(List<URI> members) {
		String hosts = members.stream()
			.map(URI::getRawAuthority)
			.map((host) -> host.replace("[", "%5B").replace("]", "%5D"))
			.collect(Collectors.joining(","));
		return "ip://" + ((this.authority != null) ? this.authority : "") + "/" + hosts;
	}

	EtcdSettings withoutLogin() {
		return new EtcdSettings(this.endpoints, null, null, this.ssl, this.authority, this.prefix);
	}

	/** The members, for people. */
	String members() {
		return String.join(", ", this.endpoints.stream().map(URI::toString).toList());
	}

	private static void require(boolean valid, String problem) {
		if (!valid) {
			throw new IllegalArgumentException(problem);
		}
	}

	/** Without the secrets. */
	@Override
	public String toString() {
		return members();
	}

}
