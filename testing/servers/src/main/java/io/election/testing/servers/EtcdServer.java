package io.election.testing.servers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A real etcd: one that is alone, or a member of an {@link EtcdCluster}.
 */
public final class EtcdServer extends TestServer {

	private static final Pattern ERROR = Pattern
		.compile("\\{\"level\":\"(?:warn|error|dpanic|panic|fatal)\".*|panic: .*");

	// What every start says about how we configure it
	private static final Set<String> REMARKS = Set.of("Running http and grpc server on single port",
			"simple token is not cryptographically signed");

	private static final Pattern REQUESTS = Pattern
		.compile("^grpc_server_msg_received_total\\{grpc_method=\"(\\w+)\".*} (\\S+)$", Pattern.MULTILINE);

	private final EtcdVersion version;

	private final String memberName;

	private List<EtcdServer> cluster = List.of(this);

	private boolean isolable;

	/** Ways to this member from others; those who know it use the last they learned. */
	private final List<FaultProxy> peerProxies = new ArrayList<>();

	private int peerPort;

	private int metricsPort;

	private @Nullable TestCertificates certificates;

	private boolean clientCertificates;

	/**
	 * Create a server that is yet to be started.
	 * @param version its version
	 */
	public EtcdServer(EtcdVersion version) {
		this(version, "default");
	}

	EtcdServer(EtcdVersion version, String memberName) {
		super(version.toString());
		this.version = version;
		this.memberName = memberName;
	}

	void join(List<EtcdServer> cluster) {
		this.cluster = cluster;
	}

	void makeIsolable() {
		requireNew();
		this.isolable = true;
	}

	/**
	 * Open another way to this member.
	 * @return the peer URL of it
	 */
	String addPeerUrl() {
		FaultProxy proxy = FaultProxy.to(this.peerPort);
		this.peerProxies.add(proxy);
		return "http://" + proxy.host() + ":" + proxy.port();
	}

	/**
	 * Close the oldest ways to this member.
	 * @param kept how many to leave open
	 */
	void closePeerUrls(int kept) {
		this.peerProxies.subList(0, this.peerProxies.size() - kept).forEach(FaultProxy::refuse);
	}

	void openPeerUrls() {
		this.peerProxies.forEach(FaultProxy::pass);
	}

	/**
	 * Set a flag, such as {@code auth-token-ttl}.
	 * @param name the flag, without hyphens
	 * @param value its value
	 * @return this server
	 */
	public EtcdServer setting(String name, String value) {
		set(name, value);
		return this;
	}

	/**
	 * Have clients connect with TLS.
	 * @param certificates the authority and the server's certificate
	 * @param clientCertificates whether clients need a certificate of the same authority
	 * @return this server
	 */
	public EtcdServer tls(TestCertificates certificates, boolean clientCertificates) {
		set("cert-file", certificates.serverCertificate().toString());
		set("key-file", certificates.serverKey().toString());
		if (clientCertificates) {
			set("trusted-ca-file", certificates.caCertificate().toString());
			set("client-cert-auth", "true");
		}
		this.certificates = certificates;
		this.clientCertificates = clientCertificates;
		return this;
	}

	@Override
	public synchronized EtcdServer start() {
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
	public String endpoint() {
		return endpoint(port());
	}

	/**
	 * Return the URL that reaches this server through a proxy in front of it.
	 * @param proxy the proxy
	 * @return the URL
	 */
	public String endpoint(FaultProxy proxy) {
		return endpoint(proxy.port());
	}

	private String endpoint(int port) {
		return ((this.certificates != null) ? "https://" : "http://") + host() + ":" + port;
	}

	/**
	 * Return etcd's own client, connected to this server.
	 * @return the client
	 */
	public Etcdctl etcdctl() {
		return etcdctl(List.of(endpoint()));
	}

	Etcdctl etcdctl(List<String> endpoints) {
		List<String> options = new ArrayList<>(List.of("--endpoints=" + String.join(",", endpoints)));
		if (this.certificates != null) {
			options.add("--cacert=" + this.certificates.caCertificate());
			if (this.clientCertificates) {
				options.add("--cert=" + this.certificates.clientCertificate());
				options.add("--key=" + this.certificates.clientKey());
			}
		}
		return new Etcdctl(installation(), options);
	}

	/**
	 * Return how many requests the server has received since it was last started, those
	 * of streams each. A keep-alive is one of {@code LeaseKeepAlive}.
	 * @return the numbers, by the method's name; methods never called are missing
	 */
	public Map<String, Long> requests() {
		Map<String, Long> requests = new TreeMap<>();
		Matcher matcher = REQUESTS.matcher(metrics());
		while (matcher.find()) {
			long count = (long) Double.parseDouble(matcher.group(2));
			if (count > 0) {
				requests.merge(matcher.group(1), count, Long::sum);
			}
		}
		return requests;
	}

	/**
	 * Return whether the server knows itself to be the leader of its cluster.
	 * @return whether it does
	 */
	boolean isLeader() {
		return metrics().lines().anyMatch("etcd_server_is_leader 1"::equals);
	}

	/**
	 * Return all that the server counts, in Prometheus' format.
	 * @return the text
	 */
	public String metrics() {
		requireAnswering();
		return HttpGet.text(this.metricsPort, "/metrics");
	}

	@Override
	public List<String> logErrors() {
		return log().stream()
			.filter((line) -> ERROR.matcher(line).matches() && REMARKS.stream().noneMatch(line::contains))
			.toList();
	}

	@Override
	void prepare(Path folder) {
		this.peerPort = FreePort.find();
		this.metricsPort = FreePort.find();
		if (this.isolable) {
			addPeerUrl();
		}
		// Fetched now, not while it should be starting
		installation();
	}

	@Override
	ProcessBuilder command(Path folder) {
		List<String> command = installation().command("usr/bin/etcd", "--name=" + this.memberName,
				"--data-dir=" + data(folder), "--listen-client-urls=" + endpoint(),
				"--advertise-client-urls=" + endpoint(), "--listen-peer-urls=" + peerUrl(),
				"--initial-advertise-peer-urls=" + advertisedPeerUrl(), "--initial-cluster=" + initialCluster(),
				"--listen-metrics-urls=http://" + host() + ":" + this.metricsPort, "--logger=zap",
				"--log-outputs=stderr");
		settings().forEach((name, value) -> command.add("--" + name + "=" + value));
		ProcessBuilder builder = new ProcessBuilder(command);
		builder.environment().keySet().removeIf((name) -> name.startsWith("ETCD_"));
		return builder;
	}

	private String initialCluster() {
		return String.join(",",
				this.cluster.stream().map((member) -> member.memberName + "=" + member.advertisedPeerUrl()).toList());
	}

	private String peerUrl() {
		return "http://" + host() + ":" + this.peerPort;
	}

	/** Read by members only when they are started for the first time. */
	private String advertisedPeerUrl() {
		return this.peerProxies.isEmpty() ? peerUrl() : "http://" + host() + ":" + this.peerProxies.get(0).port();
	}

	@Override
	public synchronized void close() {
		super.close();
		this.peerProxies.forEach(FaultProxy::close);
		this.peerProxies.clear();
	}

	// Asking it before it has a leader would leave errors in its log
	@Override
	boolean isReady() {
		return logSinceLaunch().stream().anyMatch((line) -> line.contains("\"serving client traffic"));
	}

	private DebianInstallation installation() {
		return this.version.packages().install();
	}

}
