package io.election.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.election.core.Timing;
import io.election.store.etcd.EtcdSettings;
import io.election.store.jdbc.JdbcSettings;
import io.election.store.nats.NatsSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What an application sets to take part in elections.
 *
 * @param enabled Whether to take part in elections. If not, nobody is ever told that it
 * leads, no backend is needed, and elections can be injected all the same.
 * @param backend Where elections are kept. By default the only backend that is
 * configured; 'memory' is never taken unless asked for.
 * @param name Name of the main election, the one that is injected where no other is asked
 * for.
 * @param names Names of further elections to take part in.
 * @param leaseDuration Time after the last renewal during which no other candidate can
 * become leader, from 1s to 1h. At least renew-deadline plus retry-period.
 * @param renewDeadline Time for which a leader that cannot renew its lease still leads.
 * By default 2/3 of lease-duration. More than 1.2 times retry-period.
 * @param retryPeriod Time between two renewals, and between two tries after a failure. By
 * default 2/15 of lease-duration. At least 100ms.
 * @param start When to start taking part.
 * @param require Condition the application must meet to lead. When it no longer does, it
 * steps down and competes again only after meeting it for a full lease-duration.
 * @param healthGroup Health group that has to be healthy for 'require=health', as its
 * HTTP status tells. It is asked every retry-period, and counts as ill when it has not
 * answered for a lease-duration.
 * @param phase Phase in the lifecycle of the application: elections start after what has
 * a lower phase, and stop before it. By default they start after the web server and stop
 * before it refuses requests.
 * @param stopTimeout How long to wait, when the application stops, for listeners that
 * have not finished.
 * @param failFast Whether the application fails to start when the backend cannot be used.
 * The start waits for the first answer, for up to lease-duration.
 * @param keepAlive Whether the JVM stays alive while elections run, even if no other
 * thread of the application does. Set to false in applications that are to end when their
 * work is done.
 * @param firstToken Lowest fencing token of a new term, for resources that remember the
 * tokens of another backend. Without effect once the election has had a higher one.
 * @param candidate This application as a candidate.
 * @param jdbc Backends that are reached over JDBC.
 * @param etcd Elections in etcd.
 * @param nats Elections in NATS.
 */
@ConfigurationProperties("election")
public record ElectionProperties(@DefaultValue("true") boolean enabled, @Nullable String backend, @Nullable String name,
		@DefaultValue Set<String> names, @Nullable Duration leaseDuration, @Nullable Duration renewDeadline,
		@Nullable Duration retryPeriod, @DefaultValue("lifecycle") Start start,
		@DefaultValue("nothing") Require require, @DefaultValue("readiness") String healthGroup,
		@DefaultValue("2147483135") int phase, @DefaultValue("10s") Duration stopTimeout,
		@DefaultValue("false") boolean failFast, @DefaultValue("true") boolean keepAlive,
		@DefaultValue("1") long firstToken, @DefaultValue Candidate candidate, @DefaultValue Jdbc jdbc,
		@DefaultValue Etcd etcd, @DefaultValue Nats nats) {

	/**
	 * Returns the three numbers of the elections, those that are not set derived from
	 * those that are.
	 * @throws ElectionConfigurationException if they contradict each other
	 */
	Timing timing() {
		if (!this.enabled) {
			return Timing.derive(null, null, null); // what is set does no harm
		}
		try {
			return Timing.derive(this.leaseDuration, this.renewDeadline, this.retryPeriod);
		}
		catch (IllegalArgumentException ex) {
			throw new ElectionConfigurationException(String.valueOf(ex.getMessage()),
					"Set election.lease-duration only, and the others are derived from it. For example, "
							+ Timing.example(this.leaseDuration) + " fit together.");
		}
	}

	/**
	 * When to start taking part in elections.
	 */
	public enum Start {

		/** With the lifecycle of the application context, in its phase. */
		LIFECYCLE,

		/** When the application is ready, its runners included. */
		APPLICATION_READY

	}

	/**
	 * What an application must be to lead.
	 */
	public enum Require {

		/** It may be anything. */
		NOTHING,

		/** Ready: its readiness state is to accept traffic. */
		READINESS,

		/** Healthy: as the health group says that 'health-group' names. */
		HEALTH

	}

	/**
	 * This application as a candidate.
	 *
	 * @param id Label of this candidate, for people; it need not be unique. By default
	 * the name of the host and the process id.
	 * @param attributes What this candidate tells others about itself, in addition to
	 * 'host', 'port' and 'started', and to 'version' if build information is there. An
	 * empty value keeps one of those back.
	 */
	public record Candidate(@Nullable String id, @DefaultValue Map<String, String> attributes) {
	}

	/**
	 * Backends that are reached over JDBC. Elections have connections of their own and
	 * never use the pool of the application.
	 *
	 * @param url JDBC URL of the database. By default that of the application's
	 * DataSource, together with its credentials and driver properties.
	 * @param username Login username of the database.
	 * @param password Login password of the database.
	 * @param driverClassName Fully qualified name of the JDBC driver. By default detected
	 * from the URL.
	 * @param properties Further properties for the JDBC driver.
	 * @param schema Schema of the tables. By default that of the connection.
	 * @param tablePrefix Prefix of the names of the tables.
	 * @param initializeSchema Whether to create the tables that are missing.
	 * @param doorbell For how many elections of a process MySQL tells of a leader that is
	 * gone, each on a connection of its own; for the others, and with 0 for all, that is
	 * found out within retry-period. PostgreSQL tells of all.
	 */
	public record Jdbc(@Nullable String url, @Nullable String username, @Nullable String password,
			@Nullable String driverClassName, @DefaultValue Map<String, String> properties, @Nullable String schema,
			@DefaultValue(JdbcSettings.TABLE_PREFIX) String tablePrefix,
			@DefaultValue("always") InitializeSchema initializeSchema, @DefaultValue("1") int doorbell) {

		/** Without what may be secret: URL, password and properties. */
		@Override
		public String toString() {
			return "Jdbc[username=" + this.username + ", schema=" + this.schema + ", tablePrefix=" + this.tablePrefix
					+ "]";
		}

	}

	/**
	 * Elections in etcd.
	 *
	 * @param endpoints URLs of the members of the cluster, such as 'http://etcd-0:2379'.
	 * With 'https' the connection is encrypted.
	 * @param username Login username of etcd.
	 * @param password Login password of etcd.
	 * @param authority Name in the certificate of every member. By default the host in
	 * its URL.
	 * @param prefix Prefix of all keys; ends with a slash.
	 * @param ssl Encryption of connections to etcd.
	 */
	public record Etcd(@DefaultValue List<String> endpoints, @Nullable String username, @Nullable String password,
			@Nullable String authority, @DefaultValue(EtcdSettings.PREFIX) String prefix, @DefaultValue Ssl ssl) {

		/**
		 * Without what may be secret: endpoints, which may hold a password, and password.
		 */
		@Override
		public String toString() {
			return "Etcd[username=" + this.username + ", prefix=" + this.prefix + "]";
		}

	}

	/**
	 * Elections in NATS, in a key-value bucket of JetStream.
	 *
	 * @param servers URLs of the servers, such as 'nats://nats-0:4222'. With 'tls' the
	 * connection is encrypted.
	 * @param username Login username of NATS.
	 * @param password Login password of NATS.
	 * @param token Login token of NATS.
	 * @param credentials Path of the file with the JWT and the key of the user.
	 * @param domain Domain of JetStream that keeps the buckets. By default that of the
	 * server that the application is connected to.
	 * @param bucket Name of the bucket. Who takes part is kept in a second one, with
	 * '_candidates' behind this name.
	 * @param storage Where servers keep the buckets. What is in memory is gone after a
	 * restart.
	 * @param replicas How many servers of a cluster keep the buckets, if they are
	 * created: 1, 3 or 5.
	 * @param inboxPrefix Prefix of the subjects that answers are sent to.
	 * @param ssl Encryption of connections to NATS.
	 */
	public record Nats(@DefaultValue List<String> servers, @Nullable String username, @Nullable String password,
			@Nullable String token, @Nullable String credentials, @Nullable String domain,
			@DefaultValue(NatsSettings.BUCKET) String bucket, @DefaultValue("file") Storage storage,
			@DefaultValue("1") int replicas, @DefaultValue(NatsSettings.INBOX_PREFIX) String inboxPrefix,
			@DefaultValue Ssl ssl) {

		/** Without what may be secret: servers, password, token and credentials. */
		@Override
		public String toString() {
			return "Nats[username=" + this.username + ", domain=" + this.domain + ", bucket=" + this.bucket + "]";
		}

	}

	/**
	 * Where servers of NATS keep a bucket.
	 */
	public enum Storage {

		/** On disk. */
		FILE,

		/** In memory, for development and tests. */
		MEMORY

	}

	/**
	 * Encryption of connections.
	 *
	 * @param bundle Name of the SSL bundle with the certificates to trust, and the one to
	 * show if the server asks for one. By default those are trusted that the JVM trusts.
	 */
	public record Ssl(@Nullable String bundle) {
	}

	/**
	 * Whether to create the tables that are missing.
	 */
	public enum InitializeSchema {

		/** On first contact with the database. */
		ALWAYS,

		/** Somebody else creates them. */
		NEVER

	}

}
