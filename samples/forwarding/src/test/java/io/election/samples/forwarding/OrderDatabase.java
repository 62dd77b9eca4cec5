package io.election.samples.forwarding;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import javax.sql.DataSource;

import io.election.testing.servers.PostgresServer;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The database of the replicas, as a test sees it and holds it up.
 */
final class OrderDatabase {

	private final DataSource connections;

	private final JdbcClient jdbc;

	OrderDatabase(PostgresServer server) {
		this.connections = new DriverManagerDataSource(server.jdbcUrl(), server.username(), server.password());
		this.jdbc = JdbcClient.create(this.connections);
	}

	/** Hold up {@code GET /slow} until the connection is closed. */
	Connection holdSlowRequests() throws SQLException {
		return hold("select pg_advisory_xact_lock(" + ReplicaProbe.SLOW_LOCK + ")");
	}

	/** Hold up the work of the leader until the connection is closed. */
	Connection holdWork() throws SQLException {
		return hold("select 1 from order_fence for update");
	}

	/** Whether work of the leader is under way that is held up. */
	boolean hasWorkHeld() {
		return this.jdbc.sql("""
				select count(*) from pg_stat_activity
				where wait_event_type = 'Lock' and query like 'update order_fence %'""")
			.query(Integer.class)
			.single() > 0;
	}

	/** All orders in the order of their numbers. */
	List<Order> orders() {
		return this.jdbc.sql("select id, number, fencing_token from orders order by number").query(Order.class).list();
	}

	private Connection hold(String sql) throws SQLException {
		Connection connection = this.connections.getConnection();
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		return connection;
	}

}
