package io.election.testing.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.election.testing.servers.PostgresServer;
import org.postgresql.PGConnection;

/**
 * The least that a hand-over takes on a machine, in plain JDBC within one JVM: one
 * connection gives a row back and notifies; another, when notified, reads the row and
 * takes it.
 */
final class HandOverLimit {

	private static final int WARM_UP = 300;

	private HandOverLimit() {
	}

	static Figures measure(PostgresServer server, int rounds, Duration pause) throws Exception {
		server.execute("create table if not exists hand_over (name text primary key, holder text)",
				"insert into hand_over values ('jobs', 'first') on conflict do nothing");
		Figures figures = new Figures();
		ExecutorService second = Executors.newSingleThreadExecutor();
		try (Connection giving = connect(server);
				PreparedStatement give = giving.prepareStatement("with given as (update hand_over set holder = ''"
						+ " where name = 'jobs' returning name) select pg_notify('hand_over', name) from given");
				Connection taking = connect(server)) {
			taking.createStatement().execute("listen hand_over");
			for (int round = 0; round < WARM_UP + rounds; round++) {
				Future<Long> taken = second.submit(() -> take(taking));
				Nodes.sleep(pause);
				long begin = System.nanoTime();
				give.execute();
				long end = taken.get();
				if (round >= WARM_UP) {
					figures.addNanos(end - begin);
				}
			}
		}
		finally {
			second.shutdown();
		}
		return figures;
	}

	private static long take(Connection connection) throws SQLException {
		connection.unwrap(PGConnection.class).getNotifications(0);
		try (PreparedStatement read = connection.prepareStatement("select * from hand_over where name = 'jobs'");
				PreparedStatement take = connection
					.prepareStatement("update hand_over set holder = 'second' where name = 'jobs'")) {
			read.executeQuery();
			take.executeUpdate();
		}
		return System.nanoTime();
	}

	private static Connection connect(PostgresServer server) throws SQLException {
		return DriverManager.getConnection(server.jdbcUrl(), server.username(), server.password());
	}

}
