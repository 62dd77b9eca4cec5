package io.election.samples.forwarding;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;
import org.awaitility.Awaitility;

/**
 * Replicas of the application on a real PostgreSQL.
 */
final class Replicas implements AutoCloseable {

	private static final Duration LIMIT = Duration.ofSeconds(30);

	private final PostgresServer database = new PostgresServer(PostgresVersion.V18);

	private final List<String> arguments;

	private final Consumer<String> listener;

	private final List<Replica> running = new CopyOnWriteArrayList<>();

	/**
	 * Start the database, and no replica yet.
	 * @param listener takes each line that a replica logs
	 * @param arguments of all replicas
	 */
	Replicas(Consumer<String> listener, String... arguments) {
		this.listener = listener;
		this.database.start();
		this.arguments = new ArrayList<>(List.of("--spring.datasource.url=" + this.database.jdbcUrl(),
				"--spring.datasource.username=" + this.database.username(),
				"--spring.datasource.password=" + this.database.password()));
		this.arguments.addAll(List.of(arguments));
	}

	PostgresServer database() {
		return this.database;
	}

	Replica start(String name) {
		Replica replica = new Replica(name, this.arguments, this.listener);
		this.running.add(replica);
		return replica;
	}

	/** Start replicas, and wait until all of them know who leads. */
	void startAll(String... names) {
		for (String name : names) {
			start(name);
		}
		this.running.forEach(Replica::awaitStart);
		awaitLeader();
	}

	List<Replica> running() {
		return List.copyOf(this.running);
	}

	/** Forget a replica that has ended. */
	void remove(Replica replica) {
		this.running.remove(replica);
	}

	/** Wait until one replica leads, and all agree that it does. */
	Replica awaitLeader() {
		Awaitility.await().atMost(LIMIT).until(() -> {
			List<Replica> leaders = leaders();
			return leaders.size() == 1
					&& this.running.stream().allMatch((replica) -> replica.leader().equals(leaders.get(0).name()));
		});
		return leaders().get(0);
	}

	/** Wait until everybody knows that nobody leads. */
	void awaitNoLeader() {
		Awaitility.await()
			.atMost(LIMIT)
			.until(() -> this.running.stream().allMatch((replica) -> replica.leader().isEmpty()));
	}

	List<Replica> followers() {
		Replica leader = awaitLeader();
		return this.running.stream().filter((replica) -> replica != leader).toList();
	}

	private List<Replica> leaders() {
		return this.running.stream().filter(Replica::isLeader).toList();
	}

	@Override
	public void close() {
		this.running.forEach(Replica::close);
		this.database.close();
	}

}
