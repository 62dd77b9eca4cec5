package io.election.testing.servers;

import java.util.Arrays;

/**
 * A PostgreSQL that tests run against. This is the only place that names its release.
 */
public enum PostgresVersion implements TestedServer {

	/**
	 * The oldest one that we test.
	 */
	V15("15", "15.19.0"),

	/**
	 * The newest one that we test.
	 */
	V18("18", "18.6.0");

	private final String major;

	private final String artifactVersion;

	PostgresVersion(String major, String artifactVersion) {
		this.major = major;
		this.artifactVersion = artifactVersion;
	}

	/**
	 * Return the version of a name such as {@code "18"}.
	 * @param major the major version
	 * @return the version
	 */
	public static PostgresVersion of(String major) {
		return Arrays.stream(values())
			.filter((version) -> version.major.equals(major))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(
					"No PostgreSQL " + major + " here, but " + Arrays.toString(values())));
	}

	String artifactVersion() {
		return this.artifactVersion;
	}

	@Override
	public boolean isNewest() {
		return this == V18;
	}

	@Override
	public String toString() {
		return this.major;
	}

}
