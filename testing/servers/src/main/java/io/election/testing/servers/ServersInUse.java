package io.election.testing.servers;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which servers of this JVM are there.
 */
final class ServersInUse {

	private static final Map<TestServer, String> open = new LinkedHashMap<>();

	private static final Set<String> seen = new TreeSet<>();

	private ServersInUse() {
	}

	/**
	 * Note that a server was started.
	 * @param server the server
	 * @param name its name, or that of its cluster
	 */
	static synchronized void opened(TestServer server, String name) {
		open.put(server, name);
		seen.add(name);
	}

	static synchronized void closed(TestServer server) {
		open.remove(server);
	}

	/**
	 * Return the names of all servers that were there at any time since this was asked
	 * last.
	 * @return the names
	 */
	static synchronized Set<String> namesSinceLastAsked() {
		Set<String> names = new TreeSet<>(seen);
		seen.clear();
		seen.addAll(open.values());
		return names;
	}

}
