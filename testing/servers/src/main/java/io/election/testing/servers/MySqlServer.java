package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A real MySQL or MariaDB.
 */
public final class MySqlServer extends SqlServer {

	private static final String NULL = "NULL";

	private final MySqlVersion version;

	private volatile MySqlDriver driver = MySqlDriver.CONNECTOR_J;

	/**
	 * Create a server that is yet to be started.
	 * @param version its version
	 */
	public MySqlServer(MySqlVersion version) {
		super(version.toString());
		this.version = version;
	}

	/**
	 * Set a system variable, such as {@code transaction_isolation}.
	 * @param name the variable
	 * @param value its value
	 * @return this server
	 */
	public MySqlServer setting(String name, String value) {
		set(name, value);
		return this;
	}

	/**
	 * Choose the driver that URLs are for, Connector/J at first.
	 * @param driver the driver
	 * @return this server
	 */
	public MySqlServer driver(MySqlDriver driver) {
		this.driver = driver;
		return this;
	}

	@Override
	public MySqlServer logStatements() {
		return setting("general_log", "ON");
	}

	@Override
	public synchronized MySqlServer start() {
		super.start();
		return this;
	}

	@Override
	public String version() {
		return installation().version();
	}

	@Override
	public String username() {
		return MySqlInstallation.USERNAME;
	}

	@Override
	public String password() {
		return MySqlInstallation.PASSWORD;
	}

	@Override
	String database() {
		return MySqlInstallation.DATABASE;
	}

	@Override
	String jdbcUrl(int port, String database) {
		return this.driver.url(port, database);
	}

	@Override
	public String createDatabase(String name) {
		execute("create database `" + name + "`");
		return jdbcUrl(name);
	}

	@Override
	public void createUser(String name, String password) {
		execute("create user '" + name + "'@'%' identified by '" + password.replace("'", "''") + "'");
	}

	@Override
	public void execute(String... statements) {
		run(String.join(";\n", statements));
	}

	/**
	 * Return what a query in the default database answers: the first column of the first
	 * row.
	 * @param sql the query
	 * @return the value, or {@code null} if there is no row or the value is null or
	 * {@code "NULL"}
	 */
	@Override
	public @Nullable String query(String sql) {
		return run(sql).lines()
			.findFirst()
			.map((row) -> row.split("\t", 2)[0])
			.filter((value) -> !value.equals(NULL))
			.orElse(null);
	}

	// Through the socket, where nobody else comes from
	private String run(String sql) {
		requireAnswering();
		List<String> command = installation().client();
		command.addAll(List.of("--user=" + MySqlLog.OWN_USER, "--socket=" + socket(folder()), "--batch", "--raw",
				"--skip-column-names", "--execute=" + sql, database()));
		ProcessBuilder builder = new ProcessBuilder(command);
		builder.environment().keySet().removeIf((name) -> name.startsWith("MYSQL_"));
		builder.environment().put("MYSQL_PWD", password());
		try {
			Command client = Command.run(builder);
			if (!client.succeeded()) {
				throw new IllegalStateException(sql + ": " + client.text());
			}
			return client.output();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public List<String> logErrors() {
		return MySqlLog.errors(log());
	}

	@Override
	public List<Statement> statements() {
		if (!"ON".equals(settings().get("general_log"))) {
			throw notLogged();
		}
		try {
			byte[] log = Files.readAllBytes(generalLog(folder()));
			return MySqlLog.statements(new String(log, StandardCharsets.UTF_8).lines().toList());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	void prepare(Path folder) throws IOException {
		FileTrees.copy(installation().data(), data(folder));
		Files.createDirectory(temporary(folder));
	}

	@Override
	ProcessBuilder command(Path folder) throws IOException {
		// A server that was killed leaves it, with a process id that may be another's by
		// now
		Files.deleteIfExists(folder.resolve("socket.lock"));
		List<String> arguments = new ArrayList<>(List.of("--datadir=" + data(folder), "--socket=" + socket(folder),
				"--pid-file=" + folder.resolve("pid"), "--bind-address=" + host(), "--port=" + port(),
				"--general-log-file=" + generalLog(folder),
				// MariaDB deletes what it finds there when it starts, other servers'
				// tables too
				"--tmpdir=" + temporary(folder)));
		settings().forEach((name, value) -> arguments.add("--" + name + "=" + value));
		ProcessBuilder builder = new ProcessBuilder(installation().server(arguments));
		builder.environment().put("LC_ALL", "C");
		builder.environment().put("TZ", "UTC");
		return builder;
	}

	@Override
	boolean isReady() {
		return logSinceLaunch().stream().anyMatch((line) -> line.contains("ready for connections"));
	}

	private MySqlInstallation installation() {
		return MySqlInstallation.of(this.version);
	}

	private static Path temporary(Path folder) {
		return folder.resolve("tmp");
	}

	private static Path socket(Path folder) {
		return folder.resolve("socket");
	}

	private static Path generalLog(Path folder) {
		return folder.resolve("general.log");
	}

}
