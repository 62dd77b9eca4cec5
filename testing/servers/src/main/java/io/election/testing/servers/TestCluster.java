package io.election.testing.servers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Real servers that agree on what they store: any one may fail.
 *
 * @param <S> the servers
 */
public abstract class TestCluster<S extends TestServer> implements AutoCloseable {

	/**
	 * How many members a cluster has.
	 */
	public static final int SIZE = 3;

	private static final Duration LIMIT = Duration.ofSeconds(60);

	private final List<S> members;

	TestCluster(List<S> members) {
		this.members = List.copyOf(members);
		members.forEach((member) -> member.setGroup(name(member)));
	}

	/**
	 * Return what people call a cluster.
	 * @param member what people call a member of it
	 * @return the name
	 */
	static String name(Object member) {
		return member + ", " + SIZE + " members";
	}

	/**
	 * Return the servers, running or not. Each can be stopped, killed, paused and started
	 * by itself; starting the first of a cluster that is down takes {@link #start()}, as
	 * one alone does not become ready.
	 * @return the servers
	 */
	public List<S> members() {
		return this.members;
	}

	/**
	 * Start the members that are not running.
	 * @return this cluster, which answers now
	 */
	public TestCluster<S> start() {
		List<TestServer> down = new ArrayList<>(this.members);
		down.removeIf(TestServer::isRunning);
		TestServer.start(down);
		awaitReady();
		return this;
	}

	/**
	 * Stop all members, one after the other.
	 */
	public void stop() {
		this.members.forEach(TestServer::stop);
	}

	/**
	 * Kill all members that are running.
	 */
	public void kill() {
		this.members.stream().filter(TestServer::isRunning).forEach(TestServer::kill);
	}

	@Override
	public void close() {
		this.members.forEach(TestServer::close);
	}

	/**
	 * Wait until the members have come to terms.
	 */
	void awaitReady() {
	}

	/**
	 * Return the member that has a role that one has at a time, awaited if none has.
	 * @param role what it is
	 * @param hasRole whether a member knows itself to have it
	 * @return the member
	 */
	final S only(String role, Predicate<S> hasRole) {
		List<S> found = new ArrayList<>();
		boolean one = Await.until(LIMIT, () -> {
			found.clear();
			this.members.stream().filter(TestServer::isAnswering).filter(hasRole).forEach(found::add);
			return found.size() == 1;
		});
		if (!one) {
			throw new IllegalStateException("After " + LIMIT + " this is the " + role + ": " + found);
		}
		return found.get(0);
	}

}
