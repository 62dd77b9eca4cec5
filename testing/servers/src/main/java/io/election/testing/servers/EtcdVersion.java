package io.election.testing.servers;

import java.util.List;
import java.util.regex.Pattern;

/**
 * An etcd that tests run against.
 */
public enum EtcdVersion implements TestedServer {

	/**
	 * The oldest one that we test.
	 */
	V3_4("3.4", "bookworm"),

	/**
	 * The newest one that we test.
	 */
	V3_5("3.5", "sid");

	private final DebianPackages packages;

	EtcdVersion(String version, String suite) {
		this.packages = new DebianPackages("etcd " + version, suite, Pattern.compile(Pattern.quote(version) + "\\..*"),
				List.of("etcd-server", "etcd-client"), List.of("usr/bin/etcd", "usr/bin/etcdctl"), false);
	}

	DebianPackages packages() {
		return this.packages;
	}

	@Override
	public boolean isNewest() {
		return this == V3_5;
	}

	@Override
	public String toString() {
		return this.packages.product();
	}

}
