package io.election.store.nats;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.jspecify.annotations.Nullable;

/**
 * Names of a key-value bucket. A key is the text that it stands for, in which every byte
 * that is no letter, digit, hyphen or underscore is written as an equals sign and two
 * hexadecimal digits, so that a subject is one token longer than its bucket.
 *
 * @param name the name of the bucket
 */
record Bucket(String name) {

	private static final HexFormat HEX = HexFormat.of().withUpperCase();

	/** The stream that the bucket consists of. */
	String stream() {
		return "KV_" + this.name;
	}

	/** The subject of what is kept for a text. */
	String subject(String text) {
		StringBuilder subject = new StringBuilder(prefix());
		for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
			if (isPlain(one)) {
				subject.append((char) one);
			}
			else {
				HEX.toHexDigits(subject.append('='), one);
			}
		}
		return subject.toString();
	}

	/** All subjects. */
	String subjects() {
		return prefix() + ">";
	}

	/** The text of a subject of this bucket, {@code null} if it was written otherwise. */
	@Nullable String text(String subject) {
		String key = subject.substring(prefix().length());
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		for (int i = 0; i < key.length(); i++) {
			if (key.charAt(i) != '=') {
				bytes.write(key.charAt(i));
			}
			else if (i + 2 < key.length() && HexFormat.isHexDigit(key.charAt(i + 1))
					&& HexFormat.isHexDigit(key.charAt(i + 2))) {
				bytes.write(HexFormat.fromHexDigits(key, i + 1, i + 3));
				i += 2;
			}
		}
		String text = bytes.toString(StandardCharsets.UTF_8);
		return subject.equals(subject(text)) ? text : null;
	}

	private String prefix() {
		return "$KV." + this.name + ".";
	}

	private static boolean isPlain(byte one) {
		return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') || one == '-'
				|| one == '_';
	}

}
