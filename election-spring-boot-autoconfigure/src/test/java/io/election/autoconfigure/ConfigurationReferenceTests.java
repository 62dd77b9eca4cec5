package io.election.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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

			| property | default | description |
			|---|---|---|
			""";

	@Test
	void thePageIsThatOfTheMetadata() throws IOException {
		String expected = INTRODUCTION
				+ String.join("\n", properties().stream().map(ConfigurationReferenceTests::row).toList()) + "\n";
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

	private static List<Map<String, Object>> properties() throws IOException {
		Path classes = Path.of("target", "classes");
		try (InputStream metadata = Files
			.newInputStream(classes.resolve("META-INF/spring-configuration-metadata.json"))) {
			List<Map<String, Object>> properties = JsonPath.parse(metadata).read("$.properties[*]");
			return properties.stream()
				.sorted(Comparator.comparing((property) -> (String) property.get("name")))
				.toList();
		}
	}

}
