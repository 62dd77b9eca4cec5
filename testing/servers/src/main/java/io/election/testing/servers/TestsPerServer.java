package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Prints how many tests ran with each version of each server there, so that none is left
 * out in silence. A test that had several counts for each.
 * <p>
 * Where the tests of a build run in several JVMs, each adds its counts to a file that the
 * system property {@code tests-per-server} names, and prints those of all JVMs that have
 * ended: the last table is complete.
 */
public final class TestsPerServer implements LauncherSessionListener, TestExecutionListener {

	private static final String ROW = "%-24s %8s %8s%n";

	private static final String SKIPPED = "skipped";

	private final Map<String, Count> counts = new TreeMap<>();

	@Override
	public void launcherSessionOpened(LauncherSession session) {
		session.getLauncher().registerTestExecutionListeners(this);
	}

	@Override
	public void executionStarted(TestIdentifier identifier) {
		if (identifier.isTest()) {
			ServersInUse.namesSinceLastAsked();
		}
	}

	@Override
	public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
		if (identifier.isTest()) {
			Count count = (result.getStatus() == Status.SUCCESSFUL) ? new Count(1, 0) : new Count(0, 1);
			ServersInUse.namesSinceLastAsked().forEach((server) -> add(server, count));
		}
	}

	@Override
	public void executionSkipped(TestIdentifier identifier, String reason) {
		add(SKIPPED, new Count(0, 1));
	}

	private void add(String name, Count count) {
		this.counts.merge(name, count, Count::plus);
	}

	@Override
	public void launcherSessionClosed(LauncherSession session) {
		if (this.counts.isEmpty()) {
			return;
		}
		try {
			exchange();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Count skipped = this.counts.getOrDefault(SKIPPED, new Count(0, 0));
		this.counts.remove(SKIPPED);
		known().forEach((server) -> add(server, new Count(0, 0)));
		StringBuilder table = new StringBuilder(ROW.formatted("Tests with a server", "passed", "failed"));
		this.counts.forEach((server, count) -> table.append(count.row(server)));
		System.out.printf("%n%s%d tests or classes skipped, with a server or without%n%n", table, skipped.failed());
	}

	/** Tells other JVMs of these counts, and adds theirs. */
	private void exchange() throws IOException {
		String file = System.getProperty("tests-per-server");
		if (file == null) {
			return;
		}
		try (FileChannel channel = FileChannel.open(Path.of(file), StandardOpenOption.CREATE, StandardOpenOption.READ,
				StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
			String own = this.counts.entrySet()
				.stream()
				.map((entry) -> "%s\t%d\t%d%n".formatted(entry.getKey(), entry.getValue().passed(),
						entry.getValue().failed()))
				.collect(Collectors.joining());
			for (String line : Files.readAllLines(Path.of(file))) {
				String[] count = line.split("\t");
				add(count[0], new Count(Integer.parseInt(count[1]), Integer.parseInt(count[2])));
			}
			Files.writeString(Path.of(file), own, StandardOpenOption.APPEND);
		}
	}

	private static Stream<String> known() {
		return Stream
			.of(Stream.of(PostgresVersion.values()).map((version) -> new PostgresServer(version).toString()),
					Stream.of(MySqlVersion.values()).map(MySqlVersion::toString),
					Stream.of(EtcdVersion.values()).map(EtcdVersion::toString),
					Stream.of(EtcdVersion.values()).map(TestCluster::name),
					Stream.of(NatsVersion.values()).map(NatsVersion::toString),
					Stream.of(NatsVersion.values()).map(TestCluster::name))
			.flatMap((names) -> names);
	}

	private record Count(int passed, int failed) {

		Count plus(Count other) {
			return new Count(this.passed + other.passed, this.failed + other.failed);
		}

		String row(String server) {
			return (this.passed + this.failed > 0) ? ROW.formatted(server, this.passed, this.failed)
					: ROW.formatted(server, "not here", "");
		}

	}

}
