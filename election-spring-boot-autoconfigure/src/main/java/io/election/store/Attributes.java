package io.election.store;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Attributes as text, in the encoding of web forms.
 */
public final class Attributes {

	/** How many attributes a candidate may have. */
	public static final int MOST = 32;

	/** How many characters a key may have. */
	public static final int LONGEST_KEY = 64;

	/** How many characters a value may have. */
	public static final int LONGEST_VALUE = 256;

	private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

	private Attributes() {
	}

	/**
	 * What to show of attributes that another process may have written.
	 * @param attributes the attributes
	 * @return those within the bounds, without control characters
	 */
	public static Map<String, String> cleaned(Map<String, String> attributes) {
		Map<String, String> cleaned = new TreeMap<>();
		attributes.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().length() <= LONGEST_KEY && entry.getValue().length() <= LONGEST_VALUE)
			.limit(MOST)
			.forEach((entry) -> cleaned.put(clean(entry.getKey()), clean(entry.getValue())));
		return Collections.unmodifiableMap(cleaned);
	}

	/**
	 * Writes attributes as text.
	 * @param attributes the attributes
	 * @return the text, ordered by key
	 */
	public static String encode(Map<String, String> attributes) {
		return new TreeMap<>(attributes).entrySet()
			.stream()
			.map((entry) -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
			.collect(Collectors.joining("&"));
	}

	/**
	 * Reads attributes that were written by {@link #encode}.
	 * @param text the text; parts that are no attributes are ignored
	 * @return the attributes
	 */
	public static Map<String, String> decode(String text) {
		Map<String, String> attributes = new TreeMap<>();
		for (String attribute : text.split("&", -1)) {
			int end = attribute.indexOf('=');
			if (end >= 0) {
				attributes.put(decoded(attribute.substring(0, end)), decoded(attribute.substring(end + 1)));
			}
		}
		return attributes;
	}

	private static String encoded(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static String decoded(String text) {
		try {
			return URLDecoder.decode(text, StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			// Written by other hands; no reason to lose sight of the whole record
			return text;
		}
	}

	/**
	 * What to show of text that another process may have written.
	 * @param text the text
	 * @return the text without control characters
	 */
	public static String clean(String text) {
		return CONTROL.matcher(text).replaceAll(" ");
	}

}
