package io.election.testing.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One version of MySQL or MariaDB on this machine: its programs, and the data folder that
 * every server begins with a copy of.
 */
final class MySqlInstallation {

	static final String USERNAME = "election";

	static final String PASSWORD = "secret";

	static final String DATABASE = "election";

	private static final String USERS = """
			alter user root@localhost identified by '%2$s';
			create user '%1$s'@'%%' identified by '%2$s';
			grant all on *.* to '%1$s'@'%%' with grant option;
			create database %3$s;
			""".formatted(USERNAME, PASSWORD, DATABASE);

	private static final List<String> COMMON_OPTIONS = List.of("--skip-name-resolve", "--skip-log-bin",
			"--innodb-buffer-pool-size=64M");

	// It remarks on certificates it made itself, on an id it lacks, and on files in /tmp
	private static final List<String> MYSQL_OPTIONS = List.of("--secure-file-priv=NULL", "--mysqlx=OFF",
			"--performance-schema=OFF", "--innodb-redo-log-capacity=32M",
			"--log-error-suppression-list=MY-010068,MY-010075,MY-011810");

	// The number of files is what a user may open without asking
	private static final List<String> MARIADB_OPTIONS = List.of("--innodb-log-file-size=32M", "--open-files-limit=1000",
			"--table-open-cache=200", "--max-connections=151");

	private static final List<String> MARIADB_TABLES = List.of("mysql_system_tables.sql",
			"mysql_performance_tables.sql", "mysql_system_tables_data.sql", "maria_add_gis_sp_bootstrap.sql");

	private final DebianInstallation programs;

	private final boolean mariaDb;

	private final Path data;

	private MySqlInstallation(MySqlVersion version) {
		this.programs = version.packages().install();
		this.mariaDb = version.isMariaDb();
		String entry = (this.mariaDb ? "mariadb-" : "mysql-") + this.programs.version() + "-data";
		String recipe = COMMON_OPTIONS + " " + ownOptions() + " " + MARIADB_TABLES + " " + USERS;
		this.data = ServerCache.folder(entry, recipe, this::initialize).resolve("data");
	}

	static MySqlInstallation of(MySqlVersion version) {
		return new MySqlInstallation(version);
	}

	String version() {
		return this.programs.version();
	}

	/**
	 * Return the data of a server without tables, never to be written to.
	 * @return the folder
	 */
	Path data() {
		return this.data;
	}

	/**
	 * Return the command that runs the server.
	 * @param arguments arguments beside those that do not change
	 * @return the command
	 */
	List<String> server(List<String> arguments) {
		List<String> command = this.programs.command(this.mariaDb ? "usr/sbin/mariadbd" : "usr/sbin/mysqld");
		command.addAll(options());
		command.addAll(arguments);
		return command;
	}

	/**
	 * Return the command that runs the command-line client.
	 * @return the command
	 */
	List<String> client() {
		return this.programs.command(this.mariaDb ? "usr/bin/mariadb" : "usr/bin/mysql", "--no-defaults");
	}

	private List<String> options() {
		Path share = this.programs.path("usr/share/mysql");
		List<String> options = new ArrayList<>(List.of("--no-defaults", "--basedir=" + this.programs.path("usr"),
				"--lc-messages-dir=" + share, "--character-sets-dir=" + share.resolve("charsets"),
				"--plugin-dir=" + this.programs.path("usr/lib/mysql/plugin")));
		options.addAll(COMMON_OPTIONS);
		options.addAll(ownOptions());
		if (CurrentUser.isRoot()) {
			// It refuses to be root unless told so
			options.add("--user=root");
		}
		return options;
	}

	private List<String> ownOptions() {
		return this.mariaDb ? MARIADB_OPTIONS : MYSQL_OPTIONS;
	}

	private void initialize(Path folder) throws IOException {
		System.out.println("[servers] Initializing the data of " + (this.mariaDb ? "MariaDB " : "MySQL ") + version()
				+ " in " + ServerCache.root() + ": once on this machine");
		Path target = Files.createDirectory(folder.resolve("data"));
		Path users = Files.writeString(folder.resolve("users.sql"), USERS);
		if (this.mariaDb) {
			Path script = Files.write(folder.resolve("bootstrap.sql"), bootstrap());
			Command
				.run(new ProcessBuilder(server(List.of("--datadir=" + target, "--bootstrap")))
					.redirectInput(script.toFile()))
				.required();
		}
		else {
			Command
				.run(new ProcessBuilder(
						server(List.of("--datadir=" + target, "--initialize-insecure", "--init-file=" + users))))
				.required();
			// Else all servers would have the same id
			Files.delete(target.resolve("auto.cnf"));
		}
	}

	// What mariadb-install-db does, without the users that may connect from elsewhere
	private List<String> bootstrap() throws IOException {
		List<String> lines = new ArrayList<>(
				List.of("create database mysql;", "use mysql;", "set @auth_root_socket = null;"));
		for (String tables : MARIADB_TABLES) {
			try (Stream<String> statements = Files.lines(this.programs.path("usr/share/mysql").resolve(tables))) {
				statements.filter((line) -> !line.contains("@current_hostname")).forEach(lines::add);
			}
		}
		lines.add("delete from global_priv where user = 'root' and host <> 'localhost';");
		lines.add("flush privileges;");
		lines.addAll(USERS.lines().toList());
		return lines;
	}

}
