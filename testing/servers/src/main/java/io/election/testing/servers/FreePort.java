package io.election.testing.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds a port of 127.0.0.1 that a server can have for as long as its test lasts,
 * restarts included.
 * <p>
 * The ports come from below those that Linux hands to outgoing connections (32768–60999):
 * otherwise another process's connection could take the port while the server is down, or
 * a client that keeps trying could be connected to itself.
 */
final class FreePort {

	private static final int LOWEST = 20000;

	private static final int HIGHEST = 32000;

	private static final int ATTEMPTS = 100;

	private FreePort() {
	}

	static int find() {
		for (int i = 0; i < ATTEMPTS; i++) {
			int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
			if (isFree(port)) {
				return port;
			}
		}
		throw new IllegalStateException("No free port found from " + LOWEST + " to " + HIGHEST);
	}

	private static boolean isFree(int port) {
		try (ServerSocket socket = new ServerSocket()) {
			socket.bind(new InetSocketAddress("127.0.0.1", port));
			return true;
		}
		catch (IOException ex) {
			// This is the answer, not a failure
			return false;
		}
	}

}
