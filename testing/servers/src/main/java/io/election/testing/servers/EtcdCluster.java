package io.election.testing.servers;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Three real etcd servers that are one.
 */
public final class EtcdCluster extends TestCluster<EtcdServer> {

	/**
	 * Create a cluster that is yet to be started.
	 * @param version its version
	 */
	public EtcdCluster(EtcdVersion version) {
		super(IntStream.range(0, SIZE).mapToObj((index) -> new EtcdServer(version, "member-" + index)).toList());
		members().forEach((member) -> member.join(members()));
	}

	/**
	 * Set a flag of all members.
	 * @param name the flag, without hyphens
	 * @param value its value
	 * @return this cluster
	 */
	public EtcdCluster setting(String name, String value) {
		members().forEach((member) -> member.setting(name, value));
		return this;
	}

	/**
	 * Have clients connect with TLS.
	 * @param certificates the authority and the servers' certificate
	 * @param clientCertificates whether clients need a certificate of the same authority
	 * @return this cluster
	 */
	public EtcdCluster tls(TestCertificates certificates, boolean clientCertificates) {
		members().forEach((member) -> member.tls(certificates, clientCertificates));
		return this;
	}

	/**
	 * Have members reach one another in ways that can be closed.
	 * @return this cluster, for {@link #isolate}
	 */
	public EtcdCluster isolable() {
		members().forEach(EtcdServer::makeIsolable);
		return this;
	}

	/**
	 * Cut a member off from the others, but not from clients, until {@link #heal}. The
	 * others get new peer URLs that it does not learn of.
	 * @param member the member, of an {@link #isolable} cluster
	 */
	public void isolate(EtcdServer member) {
		List<EtcdServer> others = members().stream().filter((other) -> other != member).toList();
		member.pause();
		leader(); // another one
		Etcdctl etcdctl = member.etcdctl(others.stream().map(EtcdServer::endpoint).toList());
		others.forEach(
				(other) -> etcdctl.run("member", "update", id(etcdctl, other), "--peer-urls=" + other.addPeerUrl()));
		others.forEach((other) -> other.closePeerUrls(1));
		member.closePeerUrls(0);
		member.resume();
	}

	private static String id(Etcdctl etcdctl, EtcdServer member) {
		return etcdctl.run("member", "list")
			.lines()
			.map((line) -> line.split(", "))
			.filter((fields) -> fields[2].equals(member.memberName()))
			.findFirst()
			.orElseThrow()[0];
	}

	/**
	 * Let all members reach one another again.
	 */
	public void heal() {
		members().forEach(EtcdServer::openPeerUrls);
	}

	@Override
	public EtcdCluster start() {
		super.start();
		return this;
	}

	/**
	 * Return the URLs that clients connect to.
	 * @return the URLs, of members that are down too
	 */
	public List<String> endpoints() {
		return members().stream().map(EtcdServer::endpoint).toList();
	}

	/**
	 * Return etcd's own client, connected to all members.
	 * @return the client
	 */
	public Etcdctl etcdctl() {
		return members().get(0).etcdctl(endpoints());
	}

	/**
	 * Return the leader, awaited if there is none.
	 * @return the member that leads
	 */
	public EtcdServer leader() {
		return only("leader", EtcdServer::isLeader);
	}

}
