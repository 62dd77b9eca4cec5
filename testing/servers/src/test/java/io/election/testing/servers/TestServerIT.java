package io.election.testing.servers;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of every {@link TestServer}, with real servers.
 */
class TestServerIT {

	private static final Duration LIMIT = Duration.ofSeconds(30);

	@ParameterizedTest
	@EnumSource
	void keepsDataAndPortWhenKilledAndWhenRestarted(ServerKind kind) {
		try (TestServer server = kind.create().start()) {
			int port = server.port();
			assertThat(server.version()).matches("\\d+\\.\\d+.*");
			ServerKind.write(server, "kept");
			assertThat(server.logErrors()).isEmpty();
			assertThatIllegalStateException().isThrownBy(server::start);
			assertThat(ServerKind.read(server, port)).isEqualTo("kept");
			server.kill();
			assertThat(server.isRunning()).isFalse();
			assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> new Socket("127.0.0.1", port).close());
			server.start();
			assertThat(ServerKind.read(server, port)).isEqualTo("kept");
			server.restart();
			assertThat(server.port()).isEqualTo(port);
			assertThat(ServerKind.read(server, port)).isEqualTo("kept");
		}
	}

	@ParameterizedTest
	@EnumSource
	void answersNothingWhilePausedAndEverythingAfterwards(ServerKind kind) throws Exception {
		try (TestServer server = kind.create().start(); FaultProxy proxy = FaultProxy.to(server.port())) {
			ServerKind.write(server, "kept");
			server.pause();
			CompletableFuture<String> answer = Background.call(() -> ServerKind.read(server, proxy.port()));
			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> answer.get(500, TimeUnit.MILLISECONDS));
			server.resume();
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("kept");
			assertThat(proxy.acceptedConnections()).isPositive();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES_18", "MYSQL_9", "ETCD_3_5", "NATS_2_15" })
	void diesWithItsJvmAndTakesItsFolderAlong(ServerKind kind) {
		try (JavaProcess owner = JavaProcess.of(Owner.class).arguments(kind.name()).start()) {
			Owned owned = owned(owner);
			assertThat(owned.processes()).hasSizeGreaterThan(2).allMatch(ProcessHandle::isAlive);
			owner.kill9();
			assertIsGone(owned);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES_18", "MYSQL_9" })
	void diesWithItsJvmEvenWhilePaused(ServerKind kind) {
		try (JavaProcess owner = JavaProcess.of(Owner.class).arguments(kind.name(), "pause").start()) {
			Owned owned = owned(owner);
			owner.kill9();
			assertIsGone(owned);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES_18", "MYSQL_9", "ETCD_3_5", "NATS_2_15" })
	void canBeClosedInAnyState(ServerKind kind) {
		TestServer server = kind.create();
		server.close();
		server.start().pause();
		server.close();
		server.start().stop();
		server.close();
		assertThat(server.isRunning()).isFalse();
		assertThatIllegalStateException().isThrownBy(server::log);
	}

	private static Owned owned(JavaProcess owner) {
		String folder = owner.awaitLine((line) -> line.startsWith("folder "), LIMIT).substring("folder ".length());
		ProcessHandle handle = ProcessHandle.of(owner.pid()).orElseThrow();
		// The supervising shells, the server and its sessions
		return new Owned(handle.descendants().toList(), Path.of(folder));
	}

	private static void assertIsGone(Owned owned) {
		boolean gone = Await.until(LIMIT,
				() -> owned.processes().stream().noneMatch(TestServerIT::runs) && Files.notExists(owned.folder()));
		assertThat(gone).as("gone: %s", owned).isTrue();
	}

	// Not a zombie, which waits for the machine's first process only
	private static boolean runs(ProcessHandle process) {
		try {
			String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
			return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
		}
		catch (IOException ex) {
			return process.isAlive();
		}
	}

	private record Owned(List<ProcessHandle> processes, Path folder) {

	}

	/**
	 * Owns a server, and is killed.
	 */
	static final class Owner {

		private Owner() {
		}

		public static void main(String[] args) throws InterruptedException {
			TestServer server = ServerKind.valueOf(args[0]).create().start();
			if (args.length > 1) {
				server.pause();
			}
			System.out.println("folder " + server.folder());
			Thread.currentThread().join();
		}

	}

}
