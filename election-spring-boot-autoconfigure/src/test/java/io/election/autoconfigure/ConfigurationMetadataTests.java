package io.election.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import io.election.core.Timing;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds that IDEs can explain every property.
 */
class ConfigurationMetadataTests {

	/** Not every file has hints. */
	private static final Configuration LENIENT = Configuration.defaultConfiguration()
		.addOptions(Option.SUPPRESS_EXCEPTIONS);

	@Test
	void everyPropertyHasADescription() {
		assertThat(properties()).isNotEmpty()
			.allSatisfy((property) -> assertThat((String) property.get("description"))
				.as("description of %s", property.get("name"))
				.matches("(?s)[A-Z].*\\."));
	}

	@Test
	void everyDefaultOfAConstructorIsInTheMetadata() {
		assertThat(properties()).filteredOn(this::hasDefaultInConstructor)
			.extracting((property) -> property.get("name"))
			.contains("election.enabled", "election.stop-timeout", "election.jdbc.table-prefix");
		assertThat(properties()).filteredOn(this::hasDefaultInConstructor)
			.allSatisfy((property) -> assertThat(property).as("default of %s", property.get("name"))
				.containsKey("defaultValue"));
	}

	@Test
	void theNameOfTheApplicationIsToldAsADefault() {
		assertThat(properties()).filteredOn((property) -> property.get("name").equals("election.name"))
			.singleElement()
			.satisfies((property) -> assertThat(property.get("defaultValue")).isEqualTo("${spring.application.name}"));
	}

	@Test
	void theDefaultOfTheLeaseDurationIsThatOfTheTiming() {
		assertThat(properties()).filteredOn((property) -> property.get("name").equals("election.lease-duration"))
			.singleElement()
			.satisfies((property) -> assertThat(DurationStyle.detectAndParse((String) property.get("defaultValue")))
				.isEqualTo(Timing.derive(null, null, null).leaseDuration()));
	}

	@Test
	void everyBackendIsAHint() {
		assertThat(this.<String>read("$.hints[?(@.name == 'election.backend')].values[*].value"))
			.containsExactlyElementsOf(new BackendChoice(List.of(new MemoryBackendOption())).values());
	}

	@Test
	void everyConstantIsAHint() {
		assertThat(properties()).filteredOn((property) -> constants(property).length > 0)
			.isNotEmpty()
			.allSatisfy((property) -> assertThat(
					this.<String>read("$.hints[?(@.name == '%s')].values[*].value".formatted(property.get("name"))))
				.as("values of %s", property.get("name"))
				.containsExactlyElementsOf(Arrays.stream(constants(property))
					.map((constant) -> constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
					.toList()));
	}

	private Object[] constants(Map<String, Object> property) {
		String type = (String) property.get("type");
		if (type.contains("<")) {
			return new Object[0];
		}
		Object[] constants = ClassUtils.resolveClassName(type, getClass().getClassLoader()).getEnumConstants();
		return (constants != null) ? constants : new Object[0];
	}

	private boolean hasDefaultInConstructor(Map<String, Object> property) {
		String sourceType = (String) property.get("sourceType");
		if (sourceType == null) {
			return false;
		}
		String name = StringUtils.unqualify((String) property.get("name"));
		Class<?> type = ClassUtils.resolveClassName(sourceType, getClass().getClassLoader());
		return Arrays.stream(type.getDeclaredConstructors())
			.map(Constructor::getParameters)
			.flatMap(Arrays::stream)
			.filter((parameter) -> DataObjectPropertyName.toDashedForm(parameter.getName()).equals(name))
			.anyMatch(this::hasDefault);
	}

	private boolean hasDefault(Parameter parameter) {
		DefaultValue defaultValue = parameter.getAnnotation(DefaultValue.class);
		// Without a value it only asks for an empty group or collection
		return defaultValue != null && defaultValue.value().length > 0;
	}

	private List<Map<String, Object>> properties() {
		List<Map<String, Object>> properties = read("$.properties[*]");
		properties.removeIf((property) -> !((String) property.get("name")).startsWith("election.")
				&& !((String) property.get("name")).startsWith("management.health.election."));
		return properties;
	}

	private <T> List<T> read(String path) {
		try {
			List<T> values = new ArrayList<>();
			for (URL resource : Collections
				.list(getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
				try (InputStream json = resource.openStream()) {
					values.addAll(JsonPath.using(LENIENT).parse(json).<List<T>>read(path));
				}
			}
			return values;
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
