package io.election.testing.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A real NATS server with JetStream: one that is alone, or a member of a
 * {@link NatsCluster}.
 */
public final class NatsServer extends TestServer {

	private static final Pattern ERROR = Pattern.compile("\\[\\d+] \\S+ \\S+ \\[(?:WRN|ERR|FTL)] .*|panic: .*");

	// What it thinks of how tests configure it
	private static final String REMARK = "Plaintext passwords detected";

	private static final Pattern META_LEADER = Pattern.compile("\"meta_cluster\":.*?\"leader\": *\"([^\"]*)\"",
			Pattern.DOTALL);

	private static final Pattern CURRENT = Pattern.compile("\"current\": *true");

	private static final Pattern LEADER = Pattern.compile("\"leader\": *\"([^\"]*)\"");

	private final NatsVersion version;

	private final String memberName;

	private final StringBuilder configuration = new StringBuilder();

	private List<NatsServer> cluster = List.of();

	private boolean jetStream = true;

	private @Nullable String domain;

	private @Nullable NatsServer hub;

	private int routePort;

	private int leafPort;

	private int monitorPort;

	/**
	 * Create a server that is yet to be started.
	 * @param version its version
	 */
	public NatsServer(NatsVersion version) {
		this(version, "default");
	}

	NatsServer(NatsVersion version, String memberName) {
		super(version.toString());
		this.version = version;
		this.memberName = memberName;
	}

	void join(List<NatsServer> cluster) {
		this.cluster = cluster;
	}

	/**
	 * Have the server keep no streams.
	 * @return this server
	 */
	public NatsServer withoutJetStream() {
		requireNew();
		this.jetStream = false;
		return this;
	}

	/**
	 * Have the server be the JetStream of a domain.
	 * @param domain the name of the domain
	 * @return this server
	 */
	public NatsServer domain(String domain) {
		requireNew();
		this.domain = domain;
		return this;
	}

	/**
	 * Have the server be a leaf node.
	 * @param hub the server that it extends, already started
	 * @return this server
	 */
	public NatsServer leafOf(NatsServer hub) {
		requireNew();
		this.hub = hub;
		return this;
	}

	/**
	 * Set an item of the configuration file, such as {@code max_payload}. It replaces one
	 * of the same name.
	 * @param name the item
	 * @param value its value as the file has it: strings in quotes, maps in braces
	 * @return this server
	 */
	public NatsServer setting(String name, String value) {
		set(name, value);
		return this;
	}

	/**
	 * Add text to the configuration file, such as {@code operator} and {@code resolver}
	 * for JWT.
	 * @param text the text
	 * @return this server
	 */
	public NatsServer configuration(String text) {
		requireNew();
		this.configuration.append(text).append('\n');
		return this;
	}

	/**
	 * Have clients give a name and a password.
	 * @param user the name
	 * @param password the password
	 * @return this server
	 */
	public NatsServer user(String user, String password) {
		return setting("authorization", "{ user: \"" + user + "\", password: \"" + password + "\" }");
	}

	/**
	 * Have clients give a token.
	 * @param token the token
	 * @return this server
	 */
	public NatsServer token(String token) {
		return setting("authorization", "{ token: \"" + token + "\" }");
	}

	/**
	 * Have clients connect with TLS.
	 * @param certificates the authority and the server's certificate
	 * @param clientCertificates whether clients need a certificate of the same authority
	 * @return this server
	 */
	public NatsServer tls(TestCertificates certificates, boolean clientCertificates) {
		return setting("tls",
				"{ cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", verify: %s }".formatted(
						certificates.serverCertificate(), certificates.serverKey(), certificates.caCertificate(),
						clientCertificates));
	}

	@Override
	public synchronized NatsServer start() {
		super.start();
		return this;
	}

	@Override
	public String version() {
		return installation().version();
	}

	/**
	 * Return the name that the server has within its cluster.
	 * @return the name
	 */
	public String memberName() {
		return this.memberName;
	}

	/**
	 * Return the URL that clients connect to.
	 * @return the URL
	 */
	public String url() {
		return url(port());
	}

	/**
	 * Return the URL that reaches this server through a proxy in front of it.
	 * @param proxy the proxy
	 * @return the URL
	 */
	public String url(FaultProxy proxy) {
		return url(proxy.port());
	}

	private String url(int port) {
		return "nats://" + host() + ":" + port;
	}

	/**
	 * Return how many messages the server has received from clients, and in a cluster
	 * from other members, since it was last started.
	 * @return the number
	 */
	public long messagesIn() {
		return count("in_msgs");
	}

	/**
	 * Return how many messages the server has sent to clients, and in a cluster to other
	 * members, since it was last started.
	 * @return the number
	 */
	public long messagesOut() {
		return count("out_msgs");
	}

	private long count(String name) {
		Matcher matcher = Pattern.compile("\"" + name + "\": *(\\d+)").matcher(monitor("/varz"));
		if (!matcher.find()) {
			throw new IllegalStateException("The server does not tell its " + name);
		}
		return Long.parseLong(matcher.group(1));
	}

	/**
	 * Return what the server tells about itself.
	 * @param path the path of the monitoring endpoint, such as {@code /connz}
	 * @return the text, mostly JSON
	 */
	public String monitor(String path) {
		requireAnswering();
		return HttpGet.text(this.monitorPort, path);
	}

	/**
	 * Return whether the server knows itself to be the leader of its cluster, which
	 * places streams.
	 * @return whether it does
	 */
	boolean isMetaLeader() {
		return this.memberName.equals(metaLeader());
	}

	@Nullable String metaLeader() {
		return find(META_LEADER, monitor("/jsz"));
	}

	/**
	 * Return how many other members follow, where this is the leader.
	 * @return the number
	 */
	long followers() {
		return CURRENT.matcher(monitor("/jsz")).results().count();
	}

	/**
	 * Return whether the server knows itself to be the leader of a stream.
	 * @param stream the stream
	 * @return whether it does
	 */
	boolean isLeaderOf(String stream) {
		Pattern details = Pattern.compile("\"name\": *\"" + Pattern.quote(stream) + "\"(.*?)\"state\":",
				Pattern.DOTALL);
		String found = find(details, monitor("/jsz?accounts=true&streams=true"));
		return found != null && this.memberName.equals(find(LEADER, found));
	}

	private static @Nullable String find(Pattern pattern, String text) {
		Matcher matcher = pattern.matcher(text);
		return matcher.find() ? matcher.group(1) : null;
	}

	@Override
	public List<String> logErrors() {
		return log().stream().filter((line) -> ERROR.matcher(line).matches() && !line.contains(REMARK)).toList();
	}

	@Override
	void prepare(Path folder) {
		this.routePort = FreePort.find();
		this.leafPort = FreePort.find();
		this.monitorPort = FreePort.find();
		// Fetched now, not while it should be starting
		installation();
	}

	@Override
	ProcessBuilder command(Path folder) throws IOException {
		List<String> lines = new ArrayList<>(List.of(
				"server_name: \"" + ((this.domain != null) ? this.domain : this.memberName) + "\"",
				"listen: \"" + host() + ":" + port() + "\"", "http: \"" + host() + ":" + this.monitorPort + "\""));
		if (this.jetStream) {
			lines.add("jetstream: { store_dir: \"%s\"%s }".formatted(data(folder),
					(this.domain != null) ? ", domain: \"" + this.domain + "\"" : ""));
		}
		if (this.hub != null) {
			lines
				.add("leafnodes: { remotes: [ { url: \"nats-leaf://%s:%s\" } ] }".formatted(host(), this.hub.leafPort));
		}
		else if (this.domain != null) {
			lines.add("leafnodes: { listen: \"%s:%s\" }".formatted(host(), this.leafPort));
		}
		if (!this.cluster.isEmpty()) {
			// Unadvertised, or clients would learn of ways around a proxy
			lines.add("cluster: { name: election, listen: \"%s:%s\", routes: [%s], no_advertise: true }"
				.formatted(host(), this.routePort, routes()));
		}
		settings().forEach((name, value) -> lines.add(name + ": " + value));
		lines.add(this.configuration.toString());
		Path file = Files.write(folder.resolve("nats.conf"), lines);
		return new ProcessBuilder(installation().command("usr/sbin/nats-server", "--config", file.toString()));
	}

	private String routes() {
		return String.join(", ",
				this.cluster.stream().map((member) -> "\"nats://" + host() + ":" + member.routePort + "\"").toList());
	}

	@Override
	boolean isReady() {
		return logSinceLaunch().stream().anyMatch((line) -> line.endsWith("Server is ready"));
	}

	private DebianInstallation installation() {
		return this.version.packages().install();
	}

}
