package io.election.testing.servers;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link JavaProcess}.
 */
class JavaProcessIT {

	private static final Duration LIMIT = Duration.ofSeconds(30);

	private static final Duration SHORT = Duration.ofMillis(300);

	@Test
	void runsTheMainClassAndReadsItsOutput() {
		List<String> heard = new CopyOnWriteArrayList<>();
		try (JavaProcess process = JavaProcess.of(Ticker.class)
			.options("-Dgreeting=hello")
			.environment("WHOM", "world")
			.arguments("and", "others")
			.onLine(heard::add)
			.start()) {
			assertThat(process.awaitLine((line) -> line.startsWith("hello"), LIMIT))
				.isEqualTo("hello world [and, others]");
			process.awaitLine(("pid " + process.pid())::equals, LIMIT);
			process.awaitLine("tick 2"::equals, LIMIT);
			assertThat(process.isAlive()).isTrue();
			assertThat(heard).contains("hello world [and, others]");
		}
	}

	@Test
	void endsWithItsShutdownHooksOnSigterm() {
		try (JavaProcess process = ticker()) {
			process.sigterm();
			assertThat(process.awaitExit(LIMIT)).isEqualTo(128 + 15);
			assertThat(process.awaitLine("shut down"::equals, LIMIT)).isNotNull();
		}
	}

	@Test
	void endsWithoutThemWhenKilled() {
		try (JavaProcess process = ticker()) {
			process.kill9();
			assertThat(process.isAlive()).isFalse();
			assertThat(process.awaitExit(LIMIT)).isEqualTo(128 + 9);
			assertThatIllegalStateException().isThrownBy(() -> process.awaitLine("shut down"::equals, LIMIT))
				.withMessageContaining("has ended without such a line")
				.withMessageContaining("tick 0");
		}
	}

	@Test
	void standsStillBetweenSigstopAndSigcont() {
		try (JavaProcess process = ticker()) {
			process.sigstop();
			// What it printed before may still be on its way
			assertThatIllegalStateException().isThrownBy(() -> process.awaitLine("never"::equals, SHORT));
			int printed = process.lines().size();
			assertThatIllegalStateException()
				.isThrownBy(() -> process.awaitLine(printed, (line) -> line.startsWith("tick"), SHORT))
				.withMessageContaining("No such line");
			process.sigcont();
			process.awaitLine(printed, (line) -> line.startsWith("tick"), LIMIT);
		}
	}

	@Test
	void diesWithTheJvmThatStartedItEvenWhileStopped() {
		try (JavaProcess parent = JavaProcess.of(Parent.class).start()) {
			String child = parent.awaitLine((line) -> line.startsWith("child "), LIMIT).substring("child ".length());
			ProcessHandle handle = ProcessHandle.of(Long.parseLong(child)).orElseThrow();
			assertThat(handle.isAlive()).isTrue();
			parent.kill9();
			assertThat(Await.until(LIMIT, () -> !handle.isAlive())).isTrue();
		}
	}

	private static JavaProcess ticker() {
		JavaProcess process = JavaProcess.of(Ticker.class).start();
		process.awaitLine("tick 0"::equals, LIMIT);
		return process;
	}

	/**
	 * Prints a line every 20 ms.
	 */
	static final class Ticker {

		private Ticker() {
		}

		public static void main(String[] args) throws InterruptedException {
			Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shut down")));
			System.out.println(System.getProperty("greeting") + " " + System.getenv("WHOM") + " " + List.of(args));
			System.out.println("pid " + ProcessHandle.current().pid());
			for (int i = 0;; i++) {
				System.out.println("tick " + i);
				Thread.sleep(20);
			}
		}

	}

	/**
	 * Starts a process and stops it.
	 */
	static final class Parent {

		private Parent() {
		}

		public static void main(String[] args) throws InterruptedException {
			JavaProcess child = ticker();
			child.sigstop();
			System.out.println("child " + child.pid());
			Thread.currentThread().join();
		}

	}

}
