package io.election.store.nats;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StorageType;
import org.jspecify.annotations.Nullable;

/**
 * How to reach NATS, and where in it elections are.
 *
 * @param servers the URLs of its servers in the order in which they are tried, such as
 * {@code nats://host:4222}; the port is 4222 if none is given. User and password are not
 * part of them
 * @param username the user, {@code null} where there is none
 * @param password the user's password, {@code null} if there is no user
 * @param token the token, {@code null} where there is none
 * @param credentials the file with a user's JWT and key, {@code null} where there is none
 * @param ssl makes what a connection speaks TLS with, {@code null} for plain text
 * @param domain the domain of JetStream that keeps the buckets, {@code null} for that of
 * the server that a connection is to
 * @param bucket the name of the bucket of leases; that of candidates is called the same
 * with {@code _candidates} behind it
 * @param replicas how many servers of a cluster keep a bucket that is created: 1, 3 or 5
 * @param memory whether buckets are in the memory of servers, which forget them when they
 * are restarted
 * @param inboxPrefix what the subjects of answers begin with
 */
public record NatsSettings(List<URI> servers, @Nullable String username, @Nullable String password,
		@Nullable String token, @Nullable Path credentials, @Nullable Supplier<NatsSslContext> ssl,
		@Nullable String domain, String bucket, int replicas, boolean memory, String inboxPrefix) {

	/** The {@code bucket} if nobody asks for another. */
	public static final String BUCKET = "election_lease";

	/** The {@code inboxPrefix} if nobody asks for another. */
	public static final String INBOX_PREFIX = "_INBOX";

	/** A call may be shorter, and a later one then finds the connection made. */
	private static final Duration SHORTEST_LIMIT = Duration.ofSeconds(1);

	/** A connection on which nothing happens is checked so often. */
	private static final Duration PING_PERIOD = Duration.ofSeconds(5);

	/**
	 * Each may take the time-out: to connect, TLS, to be told of the server, to log in.
	 */
	private static final int STEPS_TO_CONNECT = 4;

	/** Three leases of an hour, the longest there is. */
	private static final Duration LONGEST_REGISTRATION = Duration.ofHours(3);

	public NatsSettings {
		servers = List.copyOf(servers);
		require(!servers.isEmpty(), "election.nats.servers is empty");
		require((username != null) == (password != null),
				"Of election.nats.username and election.nats.password only one is set");
		require((username == null || token == null) && (username == null || credentials == null)
				&& (token == null || credentials == null),
				"Of election.nats.username, token and credentials more than one is set");
		require(domain == null || domain.matches("[A-Za-z0-9_-]+"), "election.nats.domain is '" + domain
				+ "' but must consist of letters, digits, hyphens and underscores");
		require(bucket.matches("[A-Za-z0-9_-]{1,200}"), "election.nats.bucket is '" + bucket
				+ "' but must consist of at most 200 letters, digits, hyphens and underscores");
		require(Set.of(1, 3, 5).contains(replicas), "election.nats.replicas is " + replicas + " but must be 1, 3 or 5");
		require(inboxPrefix.matches("[^\\s.*>]+(\\.[^\\s.*>]+)*\\.?"), "election.nats.inbox-prefix is '" + inboxPrefix
				+ "' but must be a subject without wildcards, such as _INBOX_elections");
	}

	/**
	 * Options of a connection that is used until something fails on it.
	 * @param first where in the list of servers to begin, counted on beyond its end
	 * @param limit how long calls may take
	 */
	Options options(int first, Threads threads, ErrorListener listener, Duration limit) {
		List<URI> inOrder = new ArrayList<>(this.servers);
		Collections.rotate(inOrder, -first);
		Options.Builder builder = threads.use(new Options.Builder())
			.servers(inOrder.stream().map(URI::toString).toArray(String[]::new))
			.noRandomize()
			.connectionName("election")
			.connectionTimeout(connectionTimeout(limit))
			// Certificates are for names, which any other mode loses
			.hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs)
			.noReconnect()
			.reportNoResponders()
			.pingInterval(PING_PERIOD)
			.writeQueuePushTimeout(limit)
			.inboxPrefix(this.inboxPrefix)
			.errorListener(listener);
		if (this.username != null && this.password != null) {
			builder.userInfo(this.username.toCharArray(), this.password.toCharArray());
		}
		if (this.token != null) {
			builder.token(this.token.toCharArray());
		}
		if (this.credentials != null) {
			builder.authHandler(Nats.credentials(this.credentials.toString()));
		}
		if (this.ssl != null) {
			builder.sslContext(this.ssl.get());
		}
		return builder.build();
	}

	/** Uses what is newest in the client library. */
	void link() {
		try (Threads threads = new Threads()) {
			options(0, threads, new ErrorListener() {
			}, SHORTEST_LIMIT);
		}
	}

	/** So that a call learns why no server can be reached. */
	private static Duration connectionTimeout(Duration limit) {
		Duration timeout = limit.multipliedBy(3).dividedBy(4);
		return (timeout.compareTo(SHORTEST_LIMIT) > 0) ? timeout : SHORTEST_LIMIT;
	}

	/**
	 * How long it may take to try all servers. What takes longer hangs, as the look-up of
	 * a name may, or has died of an error.
	 */
	Duration longestOpening(Duration limit) {
		return connectionTimeout(limit).multipliedBy((long) STEPS_TO_CONNECT * this.servers.size());
	}

	BucketSettings leases() {
		return new BucketSettings(new Bucket(this.bucket), storage(), this.replicas, Duration.ZERO);
	}

	/** Who does not come back is forgotten, whatever its lease was. */
	BucketSettings candidates() {
		return new BucketSettings(new Bucket(this.bucket + "_candidates"), storage(), this.replicas,
				LONGEST_REGISTRATION);
	}

	private StorageType storage() {
		return this.memory ? StorageType.Memory : StorageType.File;
	}

	/** The servers, for people. */
	String members() {
		return String.join(", ", this.servers.stream().map(URI::toString).toList());
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
