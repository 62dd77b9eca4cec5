package io.election.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds that the page on configuration says what the metadata says. After a change, write
 * it anew with {@code -Delection.docs.write=true}.
 */
class ConfigurationReferenceTests {

	private static final Path PAGE = Path.of("..", "docs", "configuration.md");

	private static final String INTRODUCTION = """
			# Configuration

			Every property, as described in the configuration metadata that IDEs show. Durations are written like `15s`,
			`200ms` or `1h`.

			`election.lease-duration` is the only time that most applications set. Of `lease-duration`, `renew-deadline` and
			`retry-period` any may be set; those that are not are derived so that all three
			[fit together](guarantees.md#why-that-holds).

			A property below `election` that is not in this table has no effect, and is one warning in the log when the
			application starts. Environment variables are not checked: Kubernetes sets `ELECTION_PORT` and others for a service
			of the name `election`.

			An application may have a bean of type `Backend`. It replaces the backend that `election.backend` and the
			properties of that backend configure, and if `election.backend` says otherwise, a line of the log says so.

			| property | default | description |
			|---|---|---|
			""";

	private static final String VALUES = """

			## Values

			Of the properties that take one of several values:

			| property | value | meaning |
			|---|---|---|
			""";

	@Test
	void thePageIsThatOfTheMetadata() throws IOException {
		String expected = INTRODUCTION
				+ String.join("\n", sorted("properties").map(ConfigurationReferenceTests::row).toList()) + "\n" + VALUES
				+ String.join("\n", sorted("hints").flatMap(ConfigurationReferenceTests::valueRows).toList()) + "\n";
		if (Boolean.getBoolean("election.docs.write")) {
			Files.writeString(PAGE, expected);
		}
		assertThat(Files.readString(PAGE)).isEqualTo(expected);
	}

	private static String row(Map<String, Object> property) {
		Object defaultValue = property.get("defaultValue");
		return "| `%s` | %s | %s |".formatted(property.get("name"),
				(defaultValue != null) ? "`" + defaultValue + "`" : "",
				Objects.toString(property.get("description")).replace("|", "\\|"));
	}

	private static Stream<String> valueRows(Map<String, Object> hint) {
		List<Map<String, Object>> values = JsonPath.parse(hint).read("$.values[*]");
		return values.stream()
			.map((value) -> "| `%s` | `%s` | %s |".formatted(hint.get("name"), value.get("value"),
					value.get("description")));
	}

	private static Stream<Map<String, Object>> sorted(String kind) throws IOException {
		Path classes = Path.of("target", "classes");
		try (InputStream metadata = Files
			.newInputStream(classes.resolve("META-INF/spring-configuration-metadata.json"))) {
			List<Map<String, Object>> items = JsonPath.parse(metadata).read("$." + kind + "[?(@.name)]");
			return items.stream().sorted(Comparator.comparing((item) -> (String) item.get("name")));
		}
	}

}
