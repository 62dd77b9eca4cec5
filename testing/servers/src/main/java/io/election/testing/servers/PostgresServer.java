package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;

import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL.
 */
public final class PostgresServer extends SqlServer {

	/**
	 * The {@code application_name} of the sessions that this class itself opens, to tell
	 * them from those of the application under test.
	 */
	public static final String APPLICATION_NAME = "election-testing";

	private static final int STATUS_LINE = 7;

	private static final int SHARED_MEMORY_LINE = 6;

	private final PostgresVersion version;

	/**
	 * Create a server that is yet to be started.
	 * @param version its version
	 */
	public PostgresServer(PostgresVersion version) {
		super("PostgreSQL " + version);
		this.version = version;
		setting("listen_addresses", "127.0.0.1");
		setting("unix_socket_directories", "");
		setting("log_line_prefix", PostgresLog.LINE_PREFIX);
		setting("log_timezone", "UTC");
		// In the data folder, thus nothing is left in /dev/shm by a server that is killed
		setting("dynamic_shared_memory_type", "mmap");
	}

	/**
	 * Set a parameter of {@code postgresql.conf}, such as {@code log_statement} or
	 * {@code shared_preload_libraries}.
	 * @param name the parameter
	 * @param value its value, without quotes
	 * @return this server
	 */
	public PostgresServer setting(String name, String value) {
		set(name, value);
		return this;
	}

	@Override
	public PostgresServer logStatements() {
		return setting("log_statement", "all");
	}

	@Override
	public synchronized PostgresServer start() {
		super.start();
		return this;
	}

	@Override
	public String version() {
		return this.version.artifactVersion();
	}

	@Override
	public String username() {
		return PostgresInstallation.USERNAME;
	}

	@Override
	public String password() {
		return PostgresInstallation.PASSWORD;
	}

	@Override
	String database() {
		return "postgres";
	}

	@Override
	String jdbcUrl(int port, String database) {
		return "jdbc:postgresql://" + host() + ":" + port + "/" + database;
	}

	@Override
	public String createDatabase(String name) {
		execute("create database \"" + name + "\"");
		return jdbcUrl(name);
	}

	@Override
	public void createUser(String name, String password) {
		execute("create role \"" + name + "\" login password '" + password.replace("'", "''") + "'");
	}

	@Override
	public void execute(String... statements) {
		try (Connection connection = connect(); java.sql.Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(String.join("; ", statements) + ": " + ex.getMessage(), ex);
		}
	}

	@Override
	public @Nullable String query(String sql) {
		try (Connection connection = connect();
				java.sql.Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(sql)) {
			return result.next() ? result.getString(1) : null;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql + ": " + ex.getMessage(), ex);
		}
	}

	/**
	 * Return what the server has logged as WARNING, ERROR, FATAL or PANIC. Stopping it
	 * with open sessions logs a FATAL for each.
	 */
	@Override
	public List<String> logErrors() {
		return new PostgresLog(log()).errors();
	}

	@Override
	public List<Statement> statements() {
		if (!"all".equals(settings().get("log_statement"))) {
			throw notLogged();
		}
		return new PostgresLog(log()).statements()
			.stream()
			.filter((statement) -> !statement.application().equals(APPLICATION_NAME))
			.toList();
	}

	@Override
	void prepare(Path folder) throws IOException {
		FileTrees.copy(PostgresInstallation.of(this.version).cluster(), data(folder));
		StringBuilder configuration = new StringBuilder();
		settings().forEach((name,
				value) -> configuration.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
		Files.writeString(data(folder).resolve("postgresql.auto.conf"), configuration);
	}

	@Override
	ProcessBuilder command(Path folder) throws IOException {
		Path program = PostgresInstallation.of(this.version).programs().resolve("postgres");
		ProcessBuilder builder = new ProcessBuilder(PostgresInstallation.asOrdinaryUser(program.toString(), "-D",
				data(folder).toString(), "-p", String.valueOf(port())));
		builder.environment().keySet().removeIf((name) -> name.startsWith("PG"));
		builder.environment().put("LC_ALL", "C");
		return builder;
	}

	// Asking the server before it is ready would leave errors in its log
	@Override
	boolean isReady() {
		String status = postmasterLine(STATUS_LINE);
		return "ready".equals(status) || "standby".equals(status);
	}

	/**
	 * Return the signal of a "fast" shutdown: sessions are ended.
	 */
	@Override
	String stopSignal() {
		return "INT";
	}

	/**
	 * Return the signal of an "immediate" shutdown, which also gives back the server's
	 * shared memory.
	 */
	@Override
	String orphanSignal() {
		return "QUIT";
	}

	private static boolean isUp(@Nullable String status) {
		return "ready".equals(status) || "standby".equals(status);
	}

	// The server's own note of its state
	private @Nullable String postmasterLine(int index) {
		Path file = data(folder()).resolve("postmaster.pid");
		try {
			List<String> lines = Files.readAllLines(file);
			boolean own = lines.size() > index && lines.get(0).strip().equals(String.valueOf(pid()));
			return own ? lines.get(index).strip() : null;
		}
		catch (NoSuchFileException ex) {
			// The server is not that far yet, or has ended
			return null;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	// A killed server leaves a System V segment behind, of which a machine has few
	@Override
	void killed() {
		String keyAndId = postmasterLine(SHARED_MEMORY_LINE);
		if (keyAndId == null) {
			return;
		}
		String id = keyAndId.substring(keyAndId.lastIndexOf(' ') + 1);
		try {
			Command ipcrm = Command.run("ipcrm", "-m", id);
			if (!ipcrm.succeeded()) {
				throw new IllegalStateException("Cannot remove shared memory " + id + ": " + ipcrm.text());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Connection connect() throws SQLException {
		Properties properties = new Properties();
		properties.setProperty("user", username());
		properties.setProperty("password", password());
		properties.setProperty("ApplicationName", APPLICATION_NAME);
		// A server that is paused by mistake fails a test, it does not hang it
		properties.setProperty("connectTimeout", "10");
		properties.setProperty("socketTimeout", "60");
		return DriverManager.getConnection(jdbcUrl(), properties);
	}

}
