package io.election.store.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Claim;
import io.election.store.LeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Executes the SQL of {@code docs/fencing.md} for a database, as a user that may do to
 * the tables of elections what that page grants, and nothing else.
 */
interface FencingPageContract {

	/** The user and the election that the page names. */
	String USER = "reports";

	String ELECTION = "billing";

	String PASSWORD = "secret";

	/** A database with {@link #prepare what the page asks for}. */
	Database fencedDatabase();

	/** The heading of the page under which its SQL is. */
	String heading();

	/** A query for the limit of idle sessions that the page sets. */
	String limit();

	static void prepare(Database database, String heading) {
		database.server().createUser(USER, PASSWORD);
		database.server()
			.execute("CREATE TABLE report (id INTEGER PRIMARY KEY, content VARCHAR(100))",
					"INSERT INTO report VALUES (1, 'old')", "GRANT SELECT, UPDATE ON report TO " + USER);
		statements(heading, 0).forEach(database.server()::execute);
	}

	@Test
	default void aTransactionOfTheFencingPageKeepsTheTermFromChanging() throws Exception {
		Database database = fencedDatabase();
		try (LeaseStore store = open(database); Connection connection = connect(database)) {
			String limit = query(connection, limit());
			List<String> transaction = transaction(heading(), take(store), "new");
			for (String statement : transaction) {
				if (statement.equals("COMMIT")) {
					assertThat(claim(store)).isInstanceOf(Answer.Busy.class);
				}
				assertThat(execute(connection, statement)).as(statement).isNotEqualTo(0);
			}
			assertThat(database.server().query("SELECT content FROM report")).isEqualTo("new");
			assertThat(query(connection, limit())).isEqualTo(limit);
			assertThat(claim(store)).isInstanceOf(Answer.Held.class);
		}
	}

	@Test
	default void aTransactionOfTheFencingPageFindsNoFenceOfAFormerTerm() throws Exception {
		Database database = fencedDatabase();
		try (LeaseStore store = open(database); Connection connection = connect(database)) {
			List<String> transaction = transaction(heading(), take(store), "late");
			take(store);
			for (String statement : upTo("COMMIT", transaction)) {
				assertThat(execute(connection, statement)).as(statement)
					.isEqualTo(statement.contains("election_fence") ? 0 : 1);
			}
			execute(connection, "ROLLBACK");
			assertThat(database.server().query("SELECT content FROM report")).isNotEqualTo("late");
		}
	}

	@Test
	default void theFenceIsFreeSoonAfterItsHolderFroze() throws Exception {
		Database database = fencedDatabase();
		try (LeaseStore store = open(database); Connection connection = connect(database)) {
			for (String statement : upTo("COMMIT", transaction(heading(), take(store), "frozen"))) {
				execute(connection, statement);
			}
			assertThat(claim(store)).isInstanceOf(Answer.Busy.class);
			await().atMost(Duration.ofSeconds(30))
				.untilAsserted(() -> assertThat(claim(store)).isInstanceOf(Answer.Held.class));
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(connection, "COMMIT"));
			assertThat(database.server().query("SELECT content FROM report")).isNotEqualTo("frozen");
		}
	}

	/** The statements of a block of SQL under a heading, without comments. */
	private static List<String> statements(String heading, int block) {
		try {
			String page = Files.readString(Path.of("../docs/fencing.md"));
			String chapter = page.split("(?m)^### " + heading + "$")[1].split("(?m)^##")[0];
			String sql = Pattern.compile("(?s)```sql\n(.*?)```")
				.matcher(chapter)
				.results()
				.toList()
				.get(block)
				.group(1);
			return Stream.of(sql.replaceAll("--.*", "").split(";"))
				.map(String::strip)
				.filter((one) -> !one.isEmpty())
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<String> transaction(String heading, Lease lease, String content) {
		return statements(heading, 1).stream()
			.map((statement) -> statement.replace(":content", "'" + content + "'")
				.replace(":id", "1")
				.replace(":token", String.valueOf(lease.term())))
			.toList();
	}

	private static List<String> upTo(String end, List<String> statements) {
		assertThat(statements).contains(end);
		return statements.subList(0, statements.indexOf(end));
	}

	/**
	 * Returns how many rows there are, or were changed; 1 where that is not the question.
	 */
	private static int execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			if (statement.execute(sql)) {
				return statement.getResultSet().next() ? 1 : 0;
			}
			return sql.startsWith("UPDATE") ? statement.getUpdateCount() : 1;
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			assertThat(result.next()).isTrue();
			return result.getString(1);
		}
	}

	private static Connection connect(Database database) throws SQLException {
		return DriverManager.getConnection(database.server().jdbcUrl(), USER, PASSWORD);
	}

	private static LeaseStore open(Database database) {
		return new JdbcBackend(database.settings()).open(Duration.ofSeconds(5));
	}

	private static Lease take(LeaseStore store) throws Exception {
		Answer answer = claim(store);
		if (answer instanceof Answer.Busy) {
			answer = claim(store); // where there was no fence yet, there is now
		}
		assertThat(answer).isInstanceOf(Answer.Held.class);
		return ((Answer.Held) answer).lease();
	}

	private static Answer claim(LeaseStore store) throws Exception {
		Self self = new Self(ELECTION, UUID.randomUUID().toString(), "node", Map.of());
		Timing timing = new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
		Claim claim = new Claim(self, timing, store.read(List.of(ELECTION)).get(ELECTION), 0);
		return store.acquire(List.of(claim)).get(ELECTION);
	}

}
