package io.election.store.jdbc;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Writes JSON, as which MySQL takes any number of rows in one parameter.
 */
final class Json {

	private Json() {
	}

	/** An array of rows, which are arrays of texts, numbers and nulls. */
	static String rows(Collection<? extends List<? extends @Nullable Object>> rows) {
		return rows.stream()
			.map((row) -> row.stream().map(Json::value).collect(Collectors.joining(",", "[", "]")))
			.collect(Collectors.joining(",", "[", "]"));
	}

	/** An object with the given keys, all of the same value. */
	static String keys(Collection<String> keys, @Nullable Object value) {
		return keys.stream().map((key) -> value(key) + ":" + value(value)).collect(Collectors.joining(",", "{", "}"));
	}

	private static String value(@Nullable Object value) {
		return (value instanceof String text) ? quoted(text) : String.valueOf(value);
	}

	private static String quoted(String text) {
		StringBuilder quoted = new StringBuilder("\"");
		text.chars().forEach((character) -> {
			if (character < ' ') {
				quoted.append(String.format(Locale.ROOT, "\\u%04x", character));
			}
			else {
				quoted.append((character == '"' || character == '\\') ? "\\" : "").append((char) character);
			}
		});
		return quoted.append('"').toString();
	}

}
