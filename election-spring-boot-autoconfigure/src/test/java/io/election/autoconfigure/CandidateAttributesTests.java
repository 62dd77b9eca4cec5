package io.election.autoconfigure;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.support.StaticApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CandidateAttributes}.
 */
class CandidateAttributesTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner();

	@Test
	void candidatesTellWhereAndSinceWhenTheyAre() {
		this.runner.withPropertyValues("local.server.port=8081").run((context) -> {
			Map<String, String> attributes = new CandidateAttributes(Map.of(), context).get();
			assertThat(attributes).containsOnlyKeys("host", "port", "started").containsEntry("port", "8081");
			assertThat(InetAddress.getByName(attributes.get("host")).isAnyLocalAddress()).isFalse();
			assertThat(Instant.parse(attributes.get("started"))).isBeforeOrEqualTo(Instant.now());
		});
	}

	@Test
	void addressToWhichTheServerIsBoundIsTold() {
		this.runner.withPropertyValues("server.address=192.0.2.7")
			.run((context) -> assertThat(new CandidateAttributes(Map.of(), context).get()).containsEntry("host",
					"192.0.2.7"));
		this.runner.withPropertyValues("server.address=0.0.0.0")
			.run((context) -> assertThat(new CandidateAttributes(Map.of(), context).get().get("host")).isNotEmpty()
				.isNotEqualTo("0.0.0.0"));
	}

	@Test
	void versionIsToldIfThereIsBuildInformation() {
		Properties build = new Properties();
		build.setProperty("version", "1.7");
		this.runner.withBean(BuildProperties.class, () -> new BuildProperties(build))
			.run((context) -> assertThat(new CandidateAttributes(Map.of(), context).get()).containsEntry("version",
					"1.7"));
	}

	@Test
	void whatTheApplicationSetsIsTold() {
		this.runner.run((context) -> assertThat(
				new CandidateAttributes(Map.of("host", "web-1.example", "zone", "b", "started", ""), context).get())
			.containsEntry("host", "web-1.example")
			.containsEntry("zone", "b")
			.doesNotContainKey("started"));
	}

	@Test
	void boundsAreChecked() {
		assertRejected(Map.of("k".repeat(65), "v"), "kkk has 65 characters but must have at most 64");
		assertRejected(Map.of("k", "v".repeat(257)),
				"election.candidate.attributes.k has 257 characters but must have at most 256");
		assertRejected(IntStream.range(0, 29).boxed().collect(Collectors.toMap((i) -> "k" + i, (i) -> "v")),
				"election.candidate.attributes has 29 elements but must have at most 28");
	}

	private void assertRejected(Map<String, String> configured, String message) {
		assertThatExceptionOfType(ElectionConfigurationException.class)
			.isThrownBy(() -> new CandidateAttributes(configured, new StaticApplicationContext()))
			.withMessageContaining(message);
	}

}
