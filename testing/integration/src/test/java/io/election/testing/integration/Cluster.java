package io.election.testing.integration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

import io.election.testing.integration.NodeReports.Event;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The nodes of a test, all with the same elections.
 */
final class Cluster implements AutoCloseable {

	private final List<Node> nodes = new ArrayList<>();

	/** Starts a node and waits until its application has started. */
	Node start(Node.Builder builder) {
		Node node = launch(builder);
		node.awaitReady();
		return node;
	}

	/** Starts a node that leads before anybody else has a chance to. */
	Node startLeader(Node.Builder builder, String election) {
		Node node = launch(builder);
		node.awaitGranted(0, election);
		return node;
	}

	Node launch(Node.Builder builder) {
		Node node = builder.start();
		this.nodes.add(node);
		return node;
	}

	/** Waits until a node is told, after the given instant, that it leads. */
	Event awaitGranted(String election, long since) {
		AtomicReference<Event> granted = new AtomicReference<>();
		TestApplication.await(() -> {
			grantedSince(election, since).ifPresent(granted::set);
			return granted.get() != null;
		});
		return granted.get();
	}

	private Optional<Event> grantedSince(String election, long since) {
		return this.nodes.stream()
			.flatMap((node) -> node.reports().events().stream())
			.filter((event) -> event.isGranted() && event.election().equals(election) && event.at() > since)
			.findFirst();
	}

	/** Waits until a node says that it leads. */
	Node awaitLeader(String election) {
		AtomicReference<Node> leader = new AtomicReference<>();
		TestApplication.await(() -> {
			this.nodes.stream()
				.filter((node) -> node.process().isAlive() && node.command("leads " + election).result().equals("true"))
				.findFirst()
				.ifPresent(leader::set);
			return leader.get() != null;
		});
		return leader.get();
	}

	/**
	 * The leader, whoever it is, resigns, and another leads. Who has just tried in vain
	 * to lead could seem to for an instant: the leader would be let in again.
	 */
	void assertThatElectionGoesOn(String election) {
		Node leader = awaitLeader(election);
		TestApplication.await(() -> this.nodes.stream()
			.filter((node) -> node.process().isAlive())
			.allMatch((node) -> node.command("leader " + election).result().equals(leader.candidateId())));
		long since = leader.command("resign " + election).begin();
		assertThat(awaitGranted(election, since).node())
			.as(() -> "leader after " + leader.candidateId() + " resigned at " + since + ", of " + events(election))
			.isNotEqualTo(leader.candidateId());
	}

	private List<Event> events(String election) {
		return this.nodes.stream()
			.flatMap((node) -> node.reports().events().stream())
			.filter((event) -> event.election().equals(election))
			.sorted(Comparator.comparing(Event::at))
			.toList();
	}

	void assertPromises() {
		assertThat(Promises.violations(this.nodes)).isEmpty();
	}

	/** Lets time pass until this long after the given instant. */
	static void sleepUntil(long since, Duration time) {
		TestApplication.sleep(time.minusNanos(System.nanoTime() - since));
	}

	@Override
	public void close() {
		this.nodes.forEach(Node::close);
	}

}
