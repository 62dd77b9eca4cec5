package io.election.testing.servers;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A NATS server that tests run against.
 */
public enum NatsVersion implements TestedServer {

	/**
	 * The oldest one that we test.
	 */
	V2_9("2.9", "bookworm", "2\\.9\\..*"),

	/**
	 * The newest one there is, from 2.15 on, as Debian's unstable suite has it.
	 */
	V2_15("2.15", "sid", "2\\.(?:1[5-9]|[2-9]\\d)\\..*");

	private final DebianPackages packages;

	NatsVersion(String version, String suite, String matching) {
		this.packages = new DebianPackages("NATS " + version, suite, Pattern.compile(matching), List.of("nats-server"),
				List.of("usr/sbin/nats-server"), false);
	}

	DebianPackages packages() {
		return this.packages;
	}

	@Override
	public boolean isNewest() {
		return this == V2_15;
	}

	@Override
	public String toString() {
		return this.packages.product();
	}

}
