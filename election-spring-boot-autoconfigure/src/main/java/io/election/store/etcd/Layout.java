package io.election.store.etcd;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.etcd.jetcd.ByteSequence;
import org.jspecify.annotations.Nullable;

/**
 * Which key holds what.
 * <p>
 * A <em>contender</em> stands for election with the key {@code <prefix><name>/<lease>} of
 * etcd's own recipe, where the lease is etcd's, in hexadecimal, and the value is the
 * contender's label. Of all contenders the one whose key was created first leads. What
 * the recipe has no place for is kept beside: <em>details</em> of contenders, and
 * <em>candidates</em>, which need not be contenders.
 */
final class Layout {

	// No name begins like this: there, % is followed by 25 or 2F
	private static final String DETAILS = "%details/";

	private static final String CANDIDATES = "%candidates/";

	private final String prefix;

	private final Pattern contender;

	/**
	 * Creates a layout.
	 * @param prefix what all keys begin with
	 */
	Layout(String prefix) {
		this.prefix = prefix;
		this.contender = Pattern.compile(Pattern.quote(prefix) + "((?:[^/%]|%25|%2F)+)/[0-9a-f]{1,16}");
	}

	ByteSequence everything() {
		return key("", "", "");
	}

	ByteSequence contenders(String election) {
		return contender(election, "");
	}

	ByteSequence contender(String election, String lease) {
		return key("", escaped(election), lease);
	}

	ByteSequence details(String election) {
		return details(election, "");
	}

	ByteSequence details(String election, String lease) {
		return key(DETAILS, escaped(election), lease);
	}

	ByteSequence candidates(String election) {
		return candidate(election, "");
	}

	ByteSequence candidate(String election, String nonce) {
		return key(CANDIDATES, escaped(election), nonce);
	}

	/** The election of a contender's key, {@code null} if it is another kind of key. */
	@Nullable String election(ByteSequence key) {
		Matcher matcher = this.contender.matcher(key.toString(StandardCharsets.UTF_8));
		return matcher.matches() ? matcher.group(1).replace("%2F", "/").replace("%25", "%") : null;
	}

	/** The lease of a contender's key or its details, the nonce of a candidate's key. */
	static String last(ByteSequence key) {
		String text = key.toString(StandardCharsets.UTF_8);
		return text.substring(text.lastIndexOf('/') + 1);
	}

	private static String escaped(String election) {
		return election.replace("%", "%25").replace("/", "%2F") + "/";
	}

	private ByteSequence key(String kind, String election, String last) {
		return ByteSequence.from(this.prefix + kind + election + last, StandardCharsets.UTF_8);
	}

}
