package io.election.testing.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a server tells about itself on a port of 127.0.0.1.
 */
final class HttpGet {

	private static final int LIMIT_MILLIS = 10_000;

	private HttpGet() {
	}

	static String text(int port, String path) {
		try {
			URLConnection connection = URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
			connection.setConnectTimeout(LIMIT_MILLIS);
			connection.setReadTimeout(LIMIT_MILLIS);
			try (InputStream stream = connection.getInputStream()) {
				return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
