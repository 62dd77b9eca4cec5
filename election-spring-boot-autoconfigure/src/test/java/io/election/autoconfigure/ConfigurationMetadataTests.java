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
import java.util.Map;

import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds that IDEs can explain every {@code election.*} property.
 */
class ConfigurationMetadataTests {

	@Test
	void everyPropertyHasADescription() {
		assertThat(properties()).allSatisfy((property) -> assertThat((String) property.get("description"))
			.as("description of %s", property.get("name"))
			.isNotBlank());
	}

	@Test
	void everyDefaultOfAConstructorIsInTheMetadata() {
		assertThat(properties()).filteredOn(this::hasDefaultInConstructor)
			.allSatisfy((property) -> assertThat(property).as("default of %s", property.get("name"))
				.containsKey("defaultValue"));
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
		try {
			List<Map<String, Object>> properties = new ArrayList<>();
			for (URL resource : Collections
				.list(getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
				try (InputStream json = resource.openStream()) {
					properties.addAll(JsonPath.<List<Map<String, Object>>>read(json, "$.properties[*]"));
				}
			}
			properties.removeIf((property) -> !((String) property.get("name")).startsWith("election."));
			return properties;
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
