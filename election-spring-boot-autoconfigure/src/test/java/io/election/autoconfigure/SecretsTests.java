package io.election.autoconfigure;

import java.net.URI;
import java.util.List;
import java.util.Map;

import io.election.store.etcd.EtcdSettings;
import io.election.store.jdbc.JdbcCredentials;
import io.election.store.jdbc.JdbcSettings;
import io.election.store.nats.NatsSettings;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nothing shows secrets when it is turned into text, in a log or a debugger for example.
 */
class SecretsTests {

	private static final String SECRET = "s3cret";

	private static final String URL = "jdbc:postgresql://localhost/shop?user=shop&password=" + SECRET;

	@Test
	void propertiesKeepTheirSecrets() {
		ElectionProperties properties = new Binder(new MapConfigurationPropertySource(Map.of("election.jdbc.url", URL,
				"election.jdbc.password", SECRET, "election.jdbc.properties.password", SECRET,
				"election.etcd.endpoints", "http://shop:" + SECRET + "@localhost:2379", "election.etcd.password",
				SECRET, "election.nats.servers", "nats://" + SECRET + "@localhost:4222", "election.nats.password",
				SECRET, "election.nats.token", SECRET)))
			.bindOrCreate("election", ElectionProperties.class);
		assertThat(properties.toString()).doesNotContain(SECRET);
	}

	@Test
	void settingsKeepTheirSecrets() {
		JdbcCredentials credentials = new JdbcCredentials("shop", SECRET);
		assertThat(credentials.toString()).doesNotContain(SECRET);
		assertThat(new JdbcAccess("the DataSource", URL, () -> credentials, null).toString()).doesNotContain(SECRET);
		assertThat(new JdbcSettings(URL, null, "shop", SECRET, Map.of("password", SECRET), null,
				JdbcSettings.TABLE_PREFIX, true, 1)
			.toString()).doesNotContain(SECRET);
		assertThat(new EtcdSettings(List.of(URI.create("http://localhost:2379")), "shop", SECRET, null, null,
				EtcdSettings.PREFIX)
			.toString()).doesNotContain(SECRET);
		assertThat(new NatsSettings(List.of(URI.create("nats://localhost:4222")), "shop", SECRET, null, null, null,
				null, NatsSettings.BUCKET, 1, false, NatsSettings.INBOX_PREFIX)
			.toString()).doesNotContain(SECRET);
	}

}
