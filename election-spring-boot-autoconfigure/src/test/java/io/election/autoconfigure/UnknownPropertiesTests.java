package io.election.autoconfigure;

import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UnknownProperties}.
 */
class UnknownPropertiesTests {

	private final StandardEnvironment environment = new StandardEnvironment();

	UnknownPropertiesTests() {
		this.environment.getPropertySources()
			.forEach((source) -> this.environment.getPropertySources().remove(source.getName()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "election.name", "election.lease-duration", "election.leaseDuration",
			"election.lease_duration", "election.LEASE-DURATION", "election.names", "election.names[0]",
			"election.jdbc.properties.a.b", "election.jdbc.properties.ssl", "election.candidate.attributes.zone",
			"election.candidate.attributes[a/b]", "election.etcd.endpoints[1]", "election.nats.ssl.bundle",
			"election.health-group", "elections.name", "spring.application.name", "electoral" })
	void knowsPropertiesHoweverTheyAreWritten(String name) {
		Object value = name.toLowerCase(Locale.ROOT).contains("duration") ? "10s" : "some";
		this.environment.getPropertySources()
			.addFirst(new MapPropertySource("test",
					Map.of(name, value, "election.etcd.endpoints[0]", "http://one:2379")));
		assertThat(new UnknownProperties(this.environment).find()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "election.leese-duration, election.lease-duration", "election.leeseDuration, election.lease-duration",
			"election.renew-dealine, election.renew-deadline", "election.etcd.endpoint, election.etcd.endpoints",
			"election.etdc.endpoints, election.etcd.endpoints", "election.jdbc.ulr, election.jdbc.url",
			"election.jdbc.propertys.ssl, election.jdbc.properties.ssl", "election.name[0], ",
			"election.backend.type, ", "election.quorum, ", "election.candidates.id, election.candidate.id" })
	void findsUnknownPropertiesAndTheNearestKnownOne(String name, String nearest) {
		this.environment.getPropertySources().addFirst(new MapPropertySource("test", Map.of(name, "some")));
		assertThat(new UnknownProperties(this.environment).find()).singleElement()
			.asString()
			.contains(" is not a property of elections, and is ignored.")
			.endsWith((nearest != null) ? " Did you mean " + nearest + "?" : "ignored.");
	}

	@Test
	void saysWhereAnUnknownPropertyIsSet() {
		Origin origin = new Origin() {

			@Override
			public String toString() {
				return "application.yaml - 3:5";
			}

		};
		this.environment.getPropertySources()
			.addFirst(new OriginTrackedMapPropertySource("test",
					Map.of("election.quorum", OriginTrackedValue.of("3", origin))));
		assertThat(new UnknownProperties(this.environment).find()).containsExactly(
				"election.quorum (application.yaml - 3:5) is not a property of elections, and is ignored.");
	}

	@Test
	void doesNotLookAtEnvironmentVariables() {
		this.environment.getPropertySources()
			.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
					Map.of("ELECTION_PORT", "tcp://10.0.0.1:80", "ELECTION_SERVICE_HOST", "10.0.0.1")));
		assertThat(new UnknownProperties(this.environment).find()).isEmpty();
	}

}
