package io.election.testing.servers;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.election.testing.servers.FaultProxy.Direction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link FaultProxy}.
 */
@Timeout(30)
class FaultProxyTests {

	private static final int SOON = 10_000;

	private static final int A_WHILE = 150;

	private EchoServer server;

	private FaultProxy proxy;

	@BeforeEach
	void start() throws IOException {
		this.server = new EchoServer();
		this.proxy = FaultProxy.to(this.server.port());
	}

	@AfterEach
	void stop() throws IOException {
		this.proxy.close();
		this.server.close();
	}

	@Test
	void passesAndCounts() throws Exception {
		try (Socket one = connect(); Socket two = connect()) {
			assertEchoes(one, "hello");
			assertEchoes(two, "hi");
			assertThat(this.proxy.connections()).isEqualTo(2);
			assertThat(this.proxy.acceptedConnections()).isEqualTo(2);
			assertThat(this.proxy.bytes(Direction.TO_SERVER)).isEqualTo(7);
			assertThat(this.proxy.bytes(Direction.TO_CLIENT)).isEqualTo(7);
		}
		assertThat(Await.until(Duration.ofSeconds(10), () -> this.proxy.connections() == 0)).isTrue();
		assertThat(this.proxy.acceptedConnections()).isEqualTo(2);
	}

	@Test
	void passesMoreThanItHolds() throws Exception {
		byte[] bytes = new byte[5_000_000];
		for (int i = 0; i < bytes.length; i++) {
			bytes[i] = (byte) (i % 251);
		}
		try (Socket client = connect()) {
			CompletableFuture<Boolean> sent = Background.call(() -> {
				client.getOutputStream().write(bytes);
				return true;
			});
			assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
			sent.get(10, TimeUnit.SECONDS);
		}
	}

	@Test
	void passesTheEndOfOneSideBeforeTheOther() throws Exception {
		try (Socket client = connect()) {
			send(client, "last");
			client.shutdownOutput();
			assertThat(client.getInputStream().readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("last");
			assertServerGets("last");
			assertServerGets(EchoServer.END);
		}
	}

	@Test
	void freezeHoldsBackUntilPass() throws Exception {
		try (Socket client = connect()) {
			assertEchoes(client, "before");
			assertServerGets("before");
			this.proxy.freeze();
			send(client, "held");
			assertGetsNothing(client);
			assertThat(this.server.received()).isEmpty();
			this.proxy.pass();
			assertGets(client, "held");
			assertEchoes(client, "after");
		}
	}

	@Test
	void freezeOfRepliesLetsRequestsPass() throws Exception {
		try (Socket client = connect()) {
			this.proxy.freeze(Direction.TO_CLIENT);
			send(client, "request");
			assertServerGets("request");
			assertGetsNothing(client);
			this.proxy.pass();
			assertGets(client, "request");
		}
	}

	@Test
	void freezeOfRequestsLetsRepliesPass() throws Exception {
		try (Socket client = connect()) {
			this.proxy.freeze(Direction.TO_CLIENT);
			send(client, "first");
			assertServerGets("first");
			this.proxy.pass();
			this.proxy.freeze(Direction.TO_SERVER);
			assertGets(client, "first");
			send(client, "second");
			assertGetsNothing(client);
			this.proxy.pass();
			assertGets(client, "second");
		}
	}

	@Test
	void freezeHoldsBackThatAClientHasGone() throws Exception {
		try (Socket client = connect()) {
			assertEchoes(client, "before");
			assertServerGets("before");
			this.proxy.freeze();
		}
		assertThat(this.server.received().poll(A_WHILE, TimeUnit.MILLISECONDS)).isNull();
		this.proxy.pass();
		assertServerGets(EchoServer.END);
	}

	@Test
	void blackHoleLosesBytes() throws Exception {
		try (Socket client = connect()) {
			assertEchoes(client, "before");
			assertServerGets("before");
			this.proxy.blackHole();
			send(client, "lost");
			assertGetsNothing(client);
			this.proxy.pass();
			assertEchoes(client, "after");
			assertServerGets("after");
		}
	}

	@Test
	void blackHoleLosesWhatWasFrozen() throws Exception {
		try (Socket client = connect()) {
			this.proxy.delay(Duration.ofHours(1));
			send(client, "lost");
			assertGetsNothing(client);
			this.proxy.blackHole();
			this.proxy.pass();
			assertEchoes(client, "after");
			assertServerGets("after");
		}
	}

	@Test
	void blackHoleOfRepliesLetsRequestsPass() throws Exception {
		try (Socket client = connect()) {
			this.proxy.blackHole(Direction.TO_CLIENT);
			send(client, "request");
			assertServerGets("request");
			assertGetsNothing(client);
			this.proxy.pass();
			assertEchoes(client, "after");
		}
	}

	@Test
	void faultsActOnNewConnectionsToo() throws Exception {
		this.proxy.blackHole();
		try (Socket client = connect()) {
			send(client, "lost");
			assertGetsNothing(client);
		}
		this.proxy.freeze();
		try (Socket client = connect()) {
			send(client, "held");
			assertGetsNothing(client);
			this.proxy.pass();
			assertGets(client, "held");
		}
	}

	@Test
	void delayDeliversLaterInBothDirections() throws Exception {
		try (Socket client = connect()) {
			assertEchoes(client, "before");
			this.proxy.delay(Duration.ofMillis(100));
			long start = System.nanoTime();
			assertEchoes(client, "late");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
			this.proxy.pass();
			assertEchoes(client, "after");
		}
	}

	@Test
	void delayKeepsPiecesApartWithoutAddingUp() throws Exception {
		try (Socket client = connect()) {
			this.proxy.delay(Duration.ofMillis(400));
			long start = System.nanoTime();
			for (int i = 0; i < 5; i++) {
				send(client, "x");
			}
			assertGets(client, "xxxxx");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(800),
					Duration.ofMillis(1500));
		}
	}

	@Test
	void resetEndsConnectionsOnBothSides() throws Exception {
		try (Socket client = connect()) {
			assertEchoes(client, "before");
			assertServerGets("before");
			this.proxy.reset();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read())
				.withMessageContaining("reset");
			assertServerGets(EchoServer.RESET);
			assertThat(this.proxy.connections()).isZero();
		}
		try (Socket client = connect()) {
			assertEchoes(client, "after");
		}
	}

	@Test
	void refuseIsAServerThatIsDown() throws Exception {
		try (Socket client = connect()) {
			assertEchoes(client, "before");
			this.proxy.refuse();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read());
		}
		assertThatExceptionOfType(ConnectException.class).isThrownBy(this::connect);
		this.proxy.refuse();
		this.proxy.pass();
		try (Socket client = connect()) {
			assertEchoes(client, "after");
		}
	}

	@Test
	void clientOfAServerThatIsDownIsReset() throws Exception {
		this.server.close();
		try (Socket client = connect()) {
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read());
		}
	}

	@Test
	void clientOfAServerThatIsDownLearnsItAfterTheFaultOnly() throws Exception {
		this.server.close();
		this.proxy.freeze();
		try (Socket client = connect()) {
			assertGetsNothing(client);
			this.proxy.pass();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read());
		}
	}

	@Test
	void swallowReplyAndStallDeliversTheRequestOnly() throws Exception {
		CompletableFuture<Void> swallowed = this.proxy.swallowReplyAndStall(matches("commit"));
		try (Socket client = connect(); Socket other = connect()) {
			assertEchoes(client, "begin");
			assertServerGets("begin");
			assertThat(swallowed).isNotDone();
			send(client, "commit");
			swallowed.get(10, TimeUnit.SECONDS);
			assertServerGets("commit");
			assertGetsNothing(client);
			send(client, "more");
			assertGetsNothing(client);
			assertThat(this.server.received()).isEmpty();
			// The first one only
			assertEchoes(other, "commit");
			this.proxy.pass();
			send(client, "more");
			assertGetsNothing(client);
			this.proxy.reset();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read());
		}
	}

	@Test
	void swallowReplyAndResetDeliversTheRequestOnly() throws Exception {
		CompletableFuture<Void> swallowed = this.proxy.swallowReplyAndReset(matches("commit"));
		try (Socket client = connect()) {
			send(client, "commit");
			swallowed.get(10, TimeUnit.SECONDS);
			assertServerGets("commit");
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read());
		}
	}

	@Test
	void passForgetsTheReplyToSwallow() throws Exception {
		CompletableFuture<Void> swallowed = this.proxy.swallowReplyAndReset(matches("commit"));
		assertThatIllegalStateException().isThrownBy(() -> this.proxy.swallowReplyAndStall(matches("x")));
		this.proxy.pass();
		assertThat(swallowed).isCancelled();
		try (Socket client = connect()) {
			assertEchoes(client, "commit");
		}
	}

	@Test
	void failureOfAPredicateIsToldAndHarmless() throws Exception {
		CompletableFuture<Void> swallowed = this.proxy.swallowReplyAndReset((request) -> {
			throw new IllegalArgumentException("broken");
		});
		try (Socket client = connect()) {
			assertEchoes(client, "hello");
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(swallowed::get)
				.withMessageContaining("broken");
		}
	}

	@Test
	void closeEndsEverything() throws Exception {
		try (Socket client = connect()) {
			assertEchoes(client, "before");
			this.proxy.close();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read());
			assertThatExceptionOfType(ConnectException.class).isThrownBy(this::connect);
			assertThatIllegalStateException().isThrownBy(() -> this.proxy.pass());
			this.proxy.close();
		}
	}

	private Socket connect() throws IOException {
		Socket socket = new Socket(this.proxy.host(), this.proxy.port());
		socket.setSoTimeout(SOON);
		socket.setTcpNoDelay(true);
		return socket;
	}

	private static Predicate<byte[]> matches(String text) {
		return (request) -> new String(request, StandardCharsets.UTF_8).contains(text);
	}

	private static void send(Socket client, String text) throws IOException {
		client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
	}

	private static void assertEchoes(Socket client, String text) throws IOException {
		send(client, text);
		assertGets(client, text);
	}

	private static void assertGets(Socket client, String text) throws IOException {
		byte[] bytes = client.getInputStream().readNBytes(text.getBytes(StandardCharsets.UTF_8).length);
		assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(text);
	}

	private static void assertGetsNothing(Socket client) throws IOException {
		client.setSoTimeout(A_WHILE);
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> client.getInputStream().read());
		client.setSoTimeout(SOON);
	}

	private void assertServerGets(String text) throws InterruptedException {
		assertThat(this.server.received().poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo(text);
	}

}
