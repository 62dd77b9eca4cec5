package io.election.testing.integration;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.election.LeaderElection;
import io.election.testing.servers.SqlServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Another program locks rows of elections and does not let go of them.
 */
@OnEachBackend({ ElectionBackend.POSTGRES, ElectionBackend.MYSQL, ElectionBackend.MARIADB })
@ExtendWith(OutputCaptureExtension.class)
class LockedRecordIT {

	private static final Duration LEASE = Duration.ofSeconds(2);

	private static final String RECORD_LOCKED = "record-locked";

	private static final String FENCE_LOCKED = "fence-locked";

	private final ElectionServer server;

	private final SqlServer database;

	private final boolean postgres;

	LockedRecordIT(ElectionServer server) {
		this.server = server;
		this.database = (SqlServer) server.server();
		this.postgres = this.database.jdbcUrl().startsWith("jdbc:postgresql:");
	}

	@Test
	void isReportedForAsLongAsItLasts(CapturedOutput output) throws SQLException {
		try (TestApplication first = start("first"); TestApplication second = start("second")) {
			List<TestApplication> both = List.of(first, second);
			TestApplication.await(() -> isLed(both, RECORD_LOCKED) && isLed(both, FENCE_LOCKED));
			try (Connection other = connect(); Statement statement = other.createStatement()) {
				other.setAutoCommit(false);
				statement.execute("SELECT * FROM election_lease WHERE name = '" + RECORD_LOCKED + "' FOR UPDATE");
				statement.execute("SELECT * FROM election_fence WHERE name = '" + FENCE_LOCKED + "' "
						+ (this.postgres ? "FOR SHARE" : "LOCK IN SHARE MODE"));
				// Its leader would renew, and nobody notice
				both.forEach((application) -> application.election(FENCE_LOCKED).resign(Duration.ZERO));
				for (TestApplication application : both) {
					assertLocked(application, RECORD_LOCKED);
					assertLocked(application, FENCE_LOCKED);
					assertThat(application.health().getStatus()).isEqualTo(Status.DOWN);
				}
				assertThat(isLed(both, RECORD_LOCKED)).isFalse();
				assertThat(isLed(both, FENCE_LOCKED)).isFalse();
				other.rollback();
			}
			for (String election : List.of(RECORD_LOCKED, FENCE_LOCKED)) {
				TestApplication.await(() -> isLed(both, election));
				assertThat(warnings(output, election)).hasSize(both.size());
			}
			TestApplication
				.await(() -> both.stream().allMatch((application) -> application.health().getStatus() == Status.UP));
		}
	}

	private void assertLocked(TestApplication application, String election) {
		String locked = "another program has locked the record";
		TestApplication.await(() -> application.error(election).contains(locked));
		assertThat(application.error(election))
			.contains(this.postgres ? "pg_stat_activity" : "SHOW ENGINE INNODB STATUS");
	}

	private static List<String> warnings(CapturedOutput output, String election) {
		return output.getAll()
			.lines()
			.filter((line) -> line.contains("WARN") && line.contains("Election '" + election + "': another program"))
			.toList();
	}

	/** Whether one leads, and everybody knows. */
	private static boolean isLed(List<TestApplication> applications, String election) {
		Stream<LeaderElection> elections = applications.stream().map((application) -> application.election(election));
		return elections.allMatch((each) -> each.leader().isPresent())
				&& applications.stream().anyMatch((application) -> application.election(election).isLeader());
	}

	private TestApplication start(String candidateId) {
		Stream<String> properties = this.server.properties(RECORD_LOCKED, LEASE).stream();
		return TestApplication.start(Stream
			.concat(properties, Stream.of("election.names=" + FENCE_LOCKED, "election.candidate.id=" + candidateId))
			.toList());
	}

	private Connection connect() throws SQLException {
		return DriverManager.getConnection(this.database.jdbcUrl(), this.database.username(), this.database.password());
	}

}
