package io.election.samples.quickstart;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.election.testing.integration.ElectionBackend;

/**
 * Shows {@link QuickstartApplication} at work: three replicas of it elect a leader on a
 * real PostgreSQL, or with {@code --backend} on another server; the leader is killed,
 * resigns, is stopped.
 * <p>
 * Ends by itself, with status 0 if everything was seen that it promises. With
 * {@code --keep} it leaves three replicas running until Ctrl-C. Every other argument is
 * handed to the replicas. No process outlives this one, however it ends.
 */
public final class QuickstartDemo {

	private static final String KEEP = "--keep";

	private static final String BACKEND = "--backend";

	private static final Duration LEASE = Duration.ofSeconds(3);

	private QuickstartDemo() {
	}

	public static void main(String[] args) throws Exception {
		endWithParent();
		List<String> arguments = new ArrayList<>(List.of(args));
		boolean keep = arguments.remove(KEEP);
		Optional<ElectionBackend> backend = backend(arguments);
		System.exit((backend.isPresent() && run(backend.get(), arguments, keep)) ? 0 : 1);
	}

	/**
	 * What to elect over, taken out of the arguments; empty if there is no such backend.
	 */
	private static Optional<ElectionBackend> backend(List<String> arguments) {
		int index = arguments.indexOf(BACKEND);
		if (index < 0) {
			return Optional.of(ElectionBackend.POSTGRES);
		}
		arguments.remove(index);
		String name = (index < arguments.size()) ? arguments.remove(index) : "";
		Optional<ElectionBackend> backend = Stream.of(ElectionBackend.values())
			.filter((candidate) -> candidate.toString().equals(name))
			.findFirst();
		if (backend.isEmpty()) {
			System.err.println(BACKEND + " is followed by '" + name + "', but must be by one of "
					+ Stream.of(ElectionBackend.values()).map(String::valueOf).collect(Collectors.joining(", ")));
		}
		return backend;
	}

	private static boolean run(ElectionBackend backend, List<String> arguments, boolean keep) throws Exception {
		Path logs = emptyLogFolder();
		System.out.println("Three replicas of one application elect a leader, and lose it three times. "
				+ (keep ? "Runs until Ctrl-C." : "Takes about half a minute."));
		System.out.println("Their logs: " + logs + "/replica-*.log");
		System.out.println();
		try (Timeline timeline = new Timeline();
				DemoServers servers = new DemoServers(backend, timeline);
				Replicas replicas = new Replicas(timeline, logs, replicaArguments(servers, arguments))) {
			Story story = new Story(timeline, servers, replicas, LEASE);
			Promises promises = story.tell();
			timeline.flush();
			System.out.println();
			promises.print();
			if (keep && promises.areKept()) {
				System.out.println();
				story.restartMissing();
				timeline.flush();
				printWhatToTry(replicas);
				Thread.currentThread().join();
			}
			return promises.areKept();
		}
	}

	private static List<String> replicaArguments(DemoServers servers, List<String> further) {
		List<String> arguments = new ArrayList<>(servers.arguments());
		arguments.addAll(List.of("--election.lease-duration=" + LEASE.toSeconds() + "s", "--election.renew-deadline=2s",
				"--election.retry-period=400ms"));
		// Spring Boot would make a list of a property that is given twice
		further.forEach((given) -> arguments.removeIf((own) -> name(own).equals(name(given))));
		arguments.addAll(further);
		return arguments;
	}

	private static String name(String argument) {
		return argument.split("=", 2)[0];
	}

	private static void printWhatToTry(Replicas replicas) {
		System.out.println();
		System.out.println("Three replicas are running until Ctrl-C. Try, in another terminal:");
		for (Replica replica : replicas.running()) {
			System.out.println();
			System.out.println("  # " + replica.name());
			System.out.println("  curl " + replica.url() + Story.ENDPOINT);
			System.out.println("  curl -X POST " + replica.url() + "/resign");
			System.out.println("  kill -9 " + replica.pid());
		}
		System.out.println();
	}

	// Next to the classes of this module, whatever the working directory
	private static Path emptyLogFolder() throws IOException, URISyntaxException {
		Path classes = Path.of(QuickstartDemo.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		Path folder = Files.createDirectories(classes.resolveSibling("demo"));
		for (String name : Story.NAMES) {
			Files.deleteIfExists(folder.resolve(name + ".log"));
		}
		return folder;
	}

	/**
	 * Maven, if it is asked to end, ends this process; here is for when Maven is killed.
	 */
	private static void endWithParent() {
		ProcessHandle.current()
			.parent()
			.ifPresent((parent) -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
	}

}
