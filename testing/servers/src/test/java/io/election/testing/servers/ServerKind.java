package io.election.testing.servers;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every server that stands alone, and how its clients write and read.
 */
enum ServerKind {

	POSTGRES_15(() -> new PostgresServer(PostgresVersion.V15)),

	POSTGRES_18(() -> new PostgresServer(PostgresVersion.V18)),

	MYSQL_9(() -> new MySqlServer(MySqlVersion.MYSQL_9)),

	MARIADB_10_11(() -> new MySqlServer(MySqlVersion.MARIADB_10_11).driver(MySqlDriver.MARIADB)),

	ETCD_3_4(() -> new EtcdServer(EtcdVersion.V3_4)),

	ETCD_3_5(() -> new EtcdServer(EtcdVersion.V3_5)),

	NATS_2_9(() -> new NatsServer(NatsVersion.V2_9)),

	NATS_2_15(() -> new NatsServer(NatsVersion.V2_15));

	private static final Pattern DATA = Pattern.compile("\"data\":\"([^\"]*)\"");

	private final Supplier<TestServer> creator;

	ServerKind(Supplier<TestServer> creator) {
		this.creator = creator;
	}

	TestServer create() {
		return this.creator.get();
	}

	static void write(TestServer server, String value) {
		if (server instanceof SqlServer sql) {
			withConnection(sql, sql.port(), (statement) -> {
				statement.execute("create table t (v varchar(100))");
				return statement.execute("insert into t values ('" + value + "')");
			});
		}
		else if (server instanceof EtcdServer etcd) {
			etcd.etcdctl().run("put", "key", value);
		}
		else {
			try (RawNats nats = new RawNats(server.port())) {
				nats.request("$JS.API.STREAM.CREATE.T", "{\"name\":\"T\",\"subjects\":[\"t\"],\"storage\":\"file\"}");
				nats.request("t", value);
			}
		}
	}

	static String read(TestServer server, int port) {
		if (server instanceof SqlServer sql) {
			return withConnection(sql, port, (statement) -> {
				try (ResultSet result = statement.executeQuery("select v from t")) {
					return result.next() ? result.getString(1) : "";
				}
			});
		}
		if (server instanceof EtcdServer etcd) {
			return etcd.etcdctl(List.of("http://127.0.0.1:" + port))
				.with("--command-timeout=60s")
				.run("get", "--print-value-only", "key");
		}
		try (RawNats nats = new RawNats(port)) {
			Matcher data = DATA.matcher(nats.request("$JS.API.STREAM.MSG.GET.T", "{\"last_by_subj\":\"t\"}"));
			return data.find() ? new String(Base64.getDecoder().decode(data.group(1))) : "";
		}
	}

	private static <T> T withConnection(SqlServer server, int port, Work<T> work) {
		try (Connection connection = DriverManager.getConnection(server.jdbcUrl(port, server.database()),
				server.username(), server.password()); java.sql.Statement statement = connection.createStatement()) {
			return work.apply(statement);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private interface Work<T> {

		T apply(java.sql.Statement statement) throws SQLException;

	}

}
