package io.election.samples.forwarding;

import java.util.Optional;
import java.util.UUID;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * All orders and their numbers. It refuses a leader of the past, which may not know yet
 * that another replica leads.
 */
@Repository
class OrderBook {

	private final JdbcClient jdbc;

	OrderBook(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/**
	 * Numbers an order, unless it has a number already: a request may be repeated.
	 * @param id the order
	 * @param fencingToken the token of the leader's term
	 * @return the order, empty if a later leader has numbered one
	 */
	@Transactional
	public Optional<Order> number(UUID id, long fencingToken) {
		// Locks the row until the end of the transaction: orders are numbered one by one
		int fences = this.jdbc
			.sql("update order_fence set fencing_token = :token where id = 1 and fencing_token <= :token")
			.param("token", fencingToken)
			.update();
		if (fences == 0) {
			return Optional.empty();
		}
		return find(id).or(() -> insert(id, fencingToken));
	}

	private Optional<Order> find(UUID id) {
		return this.jdbc.sql("select id, number, fencing_token from orders where id = :id")
			.param("id", id)
			.query(Order.class)
			.optional();
	}

	private Optional<Order> insert(UUID id, long fencingToken) {
		return this.jdbc.sql("""
				insert into orders (id, number, fencing_token)
				select :id, coalesce(max(number), 0) + 1, :token from orders
				returning id, number, fencing_token""")
			.param("id", id)
			.param("token", fencingToken)
			.query(Order.class)
			.optional();
	}

}
