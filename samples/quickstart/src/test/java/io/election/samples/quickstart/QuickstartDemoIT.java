package io.election.samples.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

import io.election.testing.servers.JavaProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link QuickstartDemo}, and of the command in the README that runs it.
 */
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class QuickstartDemoIT {

	private static final Duration DEMO_LIMIT = Duration.ofMinutes(2);

	private static final Duration END_LIMIT = Duration.ofSeconds(10);

	private static final String MARK = "QUICKSTART_DEMO_IT";

	private static final String[] COMMAND = { "-q", "-pl", "samples/quickstart", "-am", "spring-boot:test-run" };

	/** Options of the build that runs this test which its own builds need as well. */
	private static final List<String> INHERITED = List.of("maven.repo.local", "spring-boot.version");

	@TempDir
	static Path checkout;

	/** In the environment of all processes that a test starts, and those start. */
	private final String mark = UUID.randomUUID().toString();

	@BeforeAll
	static void checkOut() throws IOException {
		Path classes = Path.of(QuickstartDemoIT.class.getProtectionDomain().getCodeSource().getLocation().getPath());
		Path root = classes.resolve("../../../..").normalize();
		assertThat(root.resolve(".ci/run")).exists();
		Files.walkFileTree(root, new Copy(root, checkout));
	}

	@Test
	void commandShowsTheMainJobInACleanCheckout() throws Exception {
		Process maven = maven();
		List<String> output = read(maven, (line) -> false);
		assertThat(maven.waitFor()).as("%s", output).isZero();
		assertThat(output).containsSubsequence(
				"Building the sample and what it needs with Maven. Then the demo starts.",
				"Three replicas of one application elect a leader, and lose it three times. Takes about half a minute.");
		assertShown("PostgreSQL 18", output);
		assertNothingRuns();
	}

	@ParameterizedTest
	@CsvSource({ "mysql,MySQL 9", "etcd,etcd 3.5", "nats,NATS 2.15" })
	void showsTheSameOverOtherBackends(String backend, String server) {
		try (JavaProcess demo = demo("--backend", backend)) {
			assertThat(demo.awaitExit(DEMO_LIMIT)).as("%s", demo.lines()).isZero();
			assertShown(server, demo.lines());
			assertNothingRuns();
		}
	}

	@Test
	void saysWhichBackendsThereAre() {
		try (JavaProcess demo = demo("--backend", "redis")) {
			assertThat(demo.awaitExit(DEMO_LIMIT)).isOne();
			assertThat(demo.lines()).containsExactly(
					"--backend is followed by 'redis', but must be by one of postgres, mysql, mariadb, etcd, nats");
		}
	}

	@Test
	void endsWhenMavenIsAskedToEnd() throws Exception {
		Process maven = maven();
		read(maven, (line) -> line.contains(" leads, token 1"));
		assertThat(running()).hasSizeGreaterThan(5);
		maven.destroy();
		assertNothingRuns();
	}

	@Test
	void endsWhenMavenIsKilled() throws Exception {
		Process maven = maven();
		read(maven, (line) -> line.contains(" leads, token 1"));
		assertThat(running()).hasSizeGreaterThan(5);
		maven.destroyForcibly();
		assertNothingRuns();
	}

	@Test
	void keepsThreeReplicasUntilItIsKilled() throws Exception {
		try (JavaProcess demo = demo("--keep")) {
			demo.awaitLine((line) -> line.startsWith("Three replicas are running until Ctrl-C"), DEMO_LIMIT);
			assertShown("PostgreSQL 18", demo.lines());
			Awaitility.await().until(() -> endpoints(demo).size() == 3);
			assertThat(endpoints(demo)).allSatisfy((url) -> assertThat(get(url)).contains("\"leader\":"));
			demo.kill9();
			assertNothingRuns();
		}
	}

	@Test
	void failsAndSaysWhatIsMissing() {
		// In memory, each replica holds an election of its own
		try (JavaProcess demo = demo("--election.backend=memory")) {
			assertThat(demo.awaitExit(DEMO_LIMIT)).isOne();
			assertThat(demo.lines()).anyMatch((line) -> line.startsWith("MISSING  never two leaders at once"))
				.anyMatch((line) -> line.startsWith("MISSING  each leader has a greater fencing token"));
			assertNothingRuns();
		}
	}

	private static void assertShown(String server, List<String> output) {
		String text = String.join("\n", output);
		assertThat(text).containsSubsequence("Starting " + server + ",", "Starting replica-1, replica-2, replica-3",
				" leads, token ", "kill -9 replica-", " leads, token ", "handed over in ", "POST /resign to replica-",
				"RESIGNED", " leads, token ", "handed over in ", "kill replica-", "STOPPED", " leads, token ",
				"handed over in ");
		assertThat(text)
			.contains("ok       after kill -9, another", "ok       after a resignation",
					"ok       after a graceful stop", "ok       the scheduled job works on the leader",
					"ok       each leader has a greater fencing token", "ok       never two leaders at once")
			.doesNotContain("MISSING");
	}

	private JavaProcess demo(String... arguments) {
		return JavaProcess.of(QuickstartDemo.class).arguments(arguments).environment(MARK, this.mark).start();
	}

	private Process maven() throws IOException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString());
		command.addAll(List.of(COMMAND));
		INHERITED.stream()
			.filter((option) -> System.getProperty(option) != null)
			.forEach((option) -> command.add("-D" + option + "=" + System.getProperty(option)));
		ProcessBuilder builder = new ProcessBuilder(command).directory(checkout.toFile()).redirectErrorStream(true);
		builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
		builder.environment().put(MARK, this.mark);
		return builder.start();
	}

	private static List<String> read(Process process, Predicate<String> last) throws IOException {
		List<String> lines = new ArrayList<>();
		BufferedReader output = process.inputReader();
		for (String line = output.readLine(); line != null; line = output.readLine()) {
			lines.add(line);
			if (last.test(line)) {
				break;
			}
		}
		return lines;
	}

	private void assertNothingRuns() {
		Awaitility.await().atMost(END_LIMIT).untilAsserted(() -> assertThat(running()).isEmpty());
	}

	private List<String> running() {
		return ProcessHandle.allProcesses()
			.filter((process) -> environment(process).contains(MARK + "=" + this.mark))
			.map((process) -> process.pid() + " " + process.info().commandLine().orElse(""))
			.toList();
	}

	private static String environment(ProcessHandle process) {
		try {
			Path file = Path.of("/proc", String.valueOf(process.pid()), "environ");
			return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
		}
		catch (IOException ex) {
			// It has ended, or is another user's
			return "";
		}
	}

	private static List<String> endpoints(JavaProcess demo) {
		return demo.lines()
			.stream()
			.filter((line) -> line.startsWith("  curl http"))
			.map((line) -> line.substring("  curl ".length()))
			.toList();
	}

	private static String get(String url) {
		try {
			HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(END_LIMIT).build();
			return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Copies what a clone would hold. */
	private static final class Copy extends SimpleFileVisitor<Path> {

		private static final Set<String> ABSENT = Set.of(".git", "target");

		private final Path from;

		private final Path to;

		private Copy(Path from, Path to) {
			this.from = from;
			this.to = to;
		}

		@Override
		public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
			if (ABSENT.contains(folder.getFileName().toString())) {
				return FileVisitResult.SKIP_SUBTREE;
			}
			Files.createDirectories(copyOf(folder));
			return FileVisitResult.CONTINUE;
		}

		@Override
		public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
			Files.copy(file, copyOf(file));
			return FileVisitResult.CONTINUE;
		}

		private Path copyOf(Path path) {
			return this.to.resolve(this.from.relativize(path));
		}

	}

}
