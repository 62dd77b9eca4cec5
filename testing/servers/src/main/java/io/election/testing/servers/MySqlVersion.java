package io.election.testing.servers;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A MySQL or MariaDB that tests run against.
 */
public enum MySqlVersion implements TestedServer {

	/**
	 * MySQL, as Debian's unstable suite has it: no other suite has any.
	 */
	MYSQL_9(new DebianPackages("MySQL 9", "sid", Pattern.compile("9\\..*"),
			List.of("mysql-server-core", "mysql-client-core"), List.of("usr/sbin/mysqld", "usr/bin/mysql"), true)),

	/**
	 * MariaDB.
	 */
	MARIADB_10_11(new DebianPackages("MariaDB 10.11", "bookworm", Pattern.compile("10\\.11\\..*"),
			List.of("mariadb-server-core", "mariadb-client-core"), List.of("usr/sbin/mariadbd", "usr/bin/mariadb"),
			true));

	private final DebianPackages packages;

	MySqlVersion(DebianPackages packages) {
		this.packages = packages;
	}

	DebianPackages packages() {
		return this.packages;
	}

	boolean isMariaDb() {
		return this == MARIADB_10_11;
	}

	@Override
	public boolean isNewest() {
		return true;
	}

	@Override
	public String toString() {
		return this.packages.product();
	}

}
