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
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL on a free port of 127.0.0.1, with its data in a temporary folder,
 * that can be stopped, killed, paused and started again.
 * <p>
 * Port, data and log stay the same from the first start until {@link #close()}. It writes
 * as durably as in production, so that what it acknowledged is there after a
 * {@link #kill()}. It dies with this JVM, however the JVM ends.
 */
public final class PostgresServer implements AutoCloseable {

	/**
	 * The {@code application_name} of the sessions that this class itself opens, to tell
	 * them from those of the application under test.
	 */
	public static final String APPLICATION_NAME = "election-testing";

	private static final String DATABASE = "postgres";

	private static final Duration LIMIT = Duration.ofSeconds(60);

	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

	private static final int PORT_ATTEMPTS = 5;

	private static final int STATUS_LINE = 7;

	private static final int SHARED_MEMORY_LINE = 6;

	private final PostgresVersion version;

	private final Map<String, String> settings = new LinkedHashMap<>();

	private @Nullable Path folder;

	private int port;

	private @Nullable SupervisedProcess process;

	private boolean paused;

	/**
	 * Create a server that is yet to be started.
	 * @param version its version
	 */
	public PostgresServer(PostgresVersion version) {
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
		if (this.folder != null) {
			throw new IllegalStateException("The server was already started");
		}
		this.settings.put(name, value);
		return this;
	}

	/**
	 * Log every statement, for {@link #statements()}.
	 * @return this server
	 */
	public PostgresServer logStatements() {
		return setting("log_statement", "all");
	}

	/**
	 * Start the server, with the data that it was stopped or killed with if it ran
	 * before.
	 * @return this server, which answers queries now
	 */
	public synchronized PostgresServer start() {
		if (isRunning()) {
			throw new IllegalStateException("The server is running");
		}
		if (this.folder != null) {
			launch(this.folder);
			return this;
		}
		try {
			this.folder = prepare();
			launchFirst(this.folder);
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
		return this;
	}

	/**
	 * Stop the server as an operator would ("fast": sessions are ended).
	 */
	public synchronized void stop() {
		if (!endWithin(LIMIT)) {
			throw failure("PostgreSQL does not stop");
		}
	}

	/**
	 * Stop the server and start it again.
	 */
	public synchronized void restart() {
		stop();
		start();
	}

	/**
	 * Kill the server and its sessions with SIGKILL.
	 */
	public synchronized void kill() {
		running().kill();
		this.paused = false;
		removeSharedMemory();
	}

	/**
	 * Freeze the server and its sessions with SIGSTOP: connections stay open, and nobody
	 * answers.
	 */
	public synchronized void pause() {
		running().pause();
		this.paused = true;
	}

	/**
	 * Let a paused server go on.
	 */
	public synchronized void resume() {
		running().resume();
		this.paused = false;
	}

	/**
	 * Stop the server and delete its data. It can be started again, empty and on another
	 * port.
	 */
	@Override
	public synchronized void close() {
		if (!endWithin(CLOSE_LIMIT)) {
			kill();
		}
		if (this.folder != null) {
			try {
				FileTrees.delete(this.folder);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			this.folder = null;
		}
	}

	/**
	 * Return whether the server's process is there, paused or not.
	 * @return whether it is
	 */
	public synchronized boolean isRunning() {
		return this.process != null && this.process.isAlive();
	}

	public String host() {
		return "127.0.0.1";
	}

	public int port() {
		return this.port;
	}

	public String username() {
		return PostgresInstallation.USERNAME;
	}

	public String password() {
		return PostgresInstallation.PASSWORD;
	}

	public String jdbcUrl() {
		return jdbcUrl(DATABASE);
	}

	public String jdbcUrl(String database) {
		return jdbcUrl(this.port, database);
	}

	/**
	 * Return the URL that reaches this server through a proxy in front of it.
	 * @param proxy the proxy
	 * @return the URL
	 */
	public String jdbcUrl(FaultProxy proxy) {
		return jdbcUrl(proxy, DATABASE);
	}

	/**
	 * Return the URL that reaches a database through a proxy in front of this server.
	 * @param proxy the proxy
	 * @param database the name of the database
	 * @return the URL
	 */
	public String jdbcUrl(FaultProxy proxy, String database) {
		return jdbcUrl(proxy.port(), database);
	}

	private String jdbcUrl(int port, String database) {
		return "jdbc:postgresql://" + host() + ":" + port + "/" + database;
	}

	/**
	 * Create a database.
	 * @param name its name
	 * @return the URL of the database
	 */
	public String createDatabase(String name) {
		execute("create database \"" + name + "\"");
		return jdbcUrl(name);
	}

	/**
	 * Execute statements in the default database, each in a transaction of its own.
	 * @param statements the statements
	 */
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

	/**
	 * Return what a query in the default database answers: the first column of the first
	 * row.
	 * @param sql the query
	 * @return the value, or {@code null} if there is no row or the value is null
	 */
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
	 * Return the lines that the server has logged so far.
	 * @return the lines
	 */
	public List<String> log() {
		return serverLog().lines();
	}

	/**
	 * Return what the server has logged as WARNING, ERROR, FATAL or PANIC. Stopping it
	 * with open sessions logs a FATAL for each.
	 * @return the entries
	 */
	public List<String> logErrors() {
		return serverLog().errors();
	}

	/**
	 * Return the statements that the server has executed so far, its own
	 * {@link #APPLICATION_NAME sessions} excepted.
	 * @return the statements, in order
	 * @see #logStatements()
	 */
	public List<Statement> statements() {
		if (!"all".equals(this.settings.get("log_statement"))) {
			throw new IllegalStateException("Call logStatements() before start()");
		}
		return serverLog().statements()
			.stream()
			.filter((statement) -> !statement.application().equals(APPLICATION_NAME))
			.toList();
	}

	private Path prepare() {
		try {
			PostgresInstallation installation = PostgresInstallation.of(this.version);
			Path prepared = Files.createTempDirectory("election-postgresql-" + this.version + "-");
			FileTrees.copy(installation.cluster(), data(prepared));
			StringBuilder configuration = new StringBuilder();
			this.settings.forEach((name,
					value) -> configuration.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
			Files.writeString(data(prepared).resolve("postgresql.auto.conf"), configuration);
			return prepared;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void launchFirst(Path folder) {
		for (int attempt = 1;; attempt++) {
			this.port = FreePort.find();
			try {
				launch(folder);
				return;
			}
			catch (IllegalStateException ex) {
				boolean taken = new PostgresLog(logFile(folder)).tail().contains("could not bind");
				if (!taken || attempt == PORT_ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

	private void launch(Path folder) {
		Path program = PostgresInstallation.of(this.version).programs().resolve("postgres");
		ProcessBuilder builder = new ProcessBuilder(PostgresInstallation.asOrdinaryUser(program.toString(), "-D",
				data(folder).toString(), "-p", String.valueOf(this.port)));
		builder.environment().keySet().removeIf((name) -> name.startsWith("PG"));
		builder.environment().put("LC_ALL", "C");
		try {
			// "Immediate shutdown" also gives back the server's shared memory
			this.process = SupervisedProcess.start(builder, new Supervision(true, "QUIT", folder, logFile(folder)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.paused = false;
		awaitReady(this.process);
	}

	// Asking the server before it is ready would leave errors in its log
	private void awaitReady(SupervisedProcess process) {
		boolean ready = Await.until(LIMIT, () -> !process.isAlive() || isUp(postmasterLine(STATUS_LINE)));
		if (!process.isAlive()) {
			throw failure("PostgreSQL ended with status " + process.exitStatus());
		}
		if (!ready) {
			process.kill();
			throw failure("PostgreSQL is not ready after " + LIMIT);
		}
		query("select 1");
	}

	private static boolean isUp(@Nullable String status) {
		return "ready".equals(status) || "standby".equals(status);
	}

	// The server's own note of its state
	private @Nullable String postmasterLine(int index) {
		Path file = data(folder()).resolve("postmaster.pid");
		try {
			List<String> lines = Files.readAllLines(file);
			SupervisedProcess current = this.process;
			boolean own = current != null && lines.size() > index
					&& lines.get(0).strip().equals(String.valueOf(current.pid()));
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
	private void removeSharedMemory() {
		String keyAndId = postmasterLine(SHARED_MEMORY_LINE);
		if (keyAndId == null) {
			return;
		}
		String id = keyAndId.substring(keyAndId.lastIndexOf(' ') + 1);
		try {
			Command ipcrm = Command.run("ipcrm", "-m", id);
			if (!ipcrm.succeeded()) {
				throw new IllegalStateException("Cannot remove shared memory " + id + ": " + ipcrm.output());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private boolean endWithin(Duration limit) {
		if (this.process == null || !this.process.isAlive()) {
			return true;
		}
		if (this.paused) {
			resume();
		}
		this.process.signal("INT");
		return this.process.awaitExit(limit);
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

	private SupervisedProcess running() {
		if (this.process == null || !this.process.isAlive()) {
			throw new IllegalStateException("The server is not running");
		}
		return this.process;
	}

	private PostgresLog serverLog() {
		return new PostgresLog(logFile(folder()));
	}

	private Path folder() {
		if (this.folder == null) {
			throw new IllegalStateException("The server was not started, or is closed");
		}
		return this.folder;
	}

	private IllegalStateException failure(String problem) {
		return new IllegalStateException(problem + ". The end of its log:\n" + serverLog().tail());
	}

	private static Path data(Path folder) {
		return folder.resolve("data");
	}

	private static Path logFile(Path folder) {
		return folder.resolve("server.log");
	}

}
