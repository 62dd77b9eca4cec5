package io.election.samples.quickstart;

import java.util.ArrayList;
import java.util.List;

import io.election.testing.integration.ElectionBackend;
import io.election.testing.integration.ElectionServer;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;
import io.election.testing.servers.SqlServer;
import org.jspecify.annotations.Nullable;

/**
 * The real servers behind the replicas: the one that they elect over, and the database
 * that they work on, which may be the same.
 */
final class DemoServers implements AutoCloseable {

	private final ElectionServer elections;

	private final SqlServer database;

	/**
	 * Start the servers.
	 * @param backend what to elect over
	 * @param timeline where to say so
	 */
	DemoServers(ElectionBackend backend, Timeline timeline) {
		this.elections = backend.newServer();
		this.database = (this.elections.server() instanceof SqlServer same) ? same
				: new PostgresServer(PostgresVersion.V18);
		try {
			start(timeline);
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
	}

	private void start(Timeline timeline) {
		timeline.print("Starting " + this.elections.server() + ", without Docker. The first time, it is fetched");
		timeline.flush();
		this.elections.server().start();
		timeline.print(this.elections.server() + " is ready, on port " + this.elections.server().port());
		if (!isOne()) {
			timeline.print("Starting " + this.database + ", for the work of the leader");
			timeline.flush();
			this.database.start();
		}
	}

	/** Arguments of a replica that connect it to the servers. */
	List<String> arguments() {
		List<String> arguments = new ArrayList<>(List.of("--spring.datasource.url=" + this.database.jdbcUrl(),
				"--spring.datasource.username=" + this.database.username(),
				"--spring.datasource.password=" + this.database.password()));
		List<String> connection = this.elections.connection(null);
		if (isOne()) {
			// The DataSource says the rest
			connection = connection.stream().filter((property) -> property.startsWith("election.backend=")).toList();
		}
		connection.forEach((property) -> arguments.add("--" + property));
		return arguments;
	}

	@Nullable String query(String sql) {
		return this.database.query(sql);
	}

	private boolean isOne() {
		return this.elections.server() == this.database;
	}

	@Override
	public void close() {
		this.elections.close();
		this.database.close();
	}

}
