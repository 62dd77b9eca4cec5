package io.election.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Reads the URLs of servers, which consist of a scheme, a host and a port, and says what
 * is wrong with others. No message has what may be secret.
 */
final class ServerUrls {

	private static final int MAX_PORT = 65_535;

	private final String property;

	private final List<String> schemes;

	private final String credentials;

	/**
	 * Creates a reader of URLs.
	 * @param property the property that they come from
	 * @param schemes the schemes that they may have
	 * @param credentials the properties for what must not be part of them
	 */
	ServerUrls(String property, List<String> schemes, String credentials) {
		this.property = property;
		this.schemes = schemes;
		this.credentials = credentials;
	}

	/**
	 * Reads URLs.
	 * @throws IllegalArgumentException if one cannot be used
	 */
	List<URI> read(List<String> texts) {
		return texts.stream().map((text) -> read(text.strip())).toList();
	}

	private URI read(String text) {
		URI url = parse(text);
		String scheme = lowerCase(url.getScheme());
		require(this.schemes.contains(scheme) && url.getRawAuthority() != null, text,
				"which is not a URL of the form " + forms());
		require(!url.getRawAuthority().contains("@"), text,
				"with a user or password, which belongs in " + this.credentials);
		require(url.getHost() != null || !url.getRawAuthority().contains("_"), text,
				"but the name of a host has no underscore: use its address or another name");
		require(url.getHost() != null, text,
				"which is not a URL of the form " + forms() + " (an IPv6 address stands in brackets)");
		require(url.getPort() == -1 || (url.getPort() > 0 && url.getPort() <= MAX_PORT), text,
				"whose port is not between 1 and " + MAX_PORT);
		require("/".equals(url.getRawPath()) || !StringUtils.hasLength(url.getRawPath()), text,
				"which has a path, but " + forms() + " is all there may be");
		require(url.getRawQuery() == null && url.getRawFragment() == null, text,
				"followed by parameters, but " + forms() + " is all there may be");
		String port = (url.getPort() != -1) ? ":" + url.getPort() : "";
		return URI.create(scheme + "://" + url.getHost() + port);
	}

	private URI parse(String text) {
		try {
			return new URI(text);
		}
		catch (URISyntaxException ex) {
			throw invalid(text, "which is not a URL of the form " + forms());
		}
	}

	private static String lowerCase(@Nullable String scheme) {
		return (scheme != null) ? scheme.toLowerCase(Locale.ROOT) : "";
	}

	private String forms() {
		return this.schemes.stream().map((scheme) -> scheme + "://host:port").collect(Collectors.joining(" or "));
	}

	private void require(boolean valid, String text, String problem) {
		if (!valid) {
			throw invalid(text, problem);
		}
	}

	private IllegalArgumentException invalid(String text, String problem) {
		String shown = text.replaceFirst("^(\\w+://)?.*@", "$1").replaceFirst("[?#].*", "");
		return new IllegalArgumentException(this.property + " contains '" + shown + "', " + problem);
	}

}
