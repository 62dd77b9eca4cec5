package io.election.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of {@link PostgresSocketFactory}.
 */
class PostgresSocketFactoryTests {

	private static final String AT_ONCE = "Nothing has arrived";

	private ServerSocket server;

	private Socket client;

	private Socket peer;

	@BeforeEach
	void connect() throws IOException {
		this.server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
		this.client = new PostgresSocketFactory().createSocket(this.server.getInetAddress(),
				this.server.getLocalPort());
		this.peer = this.server.accept();
	}

	@AfterEach
	void close() throws IOException {
		this.client.close();
		this.peer.close();
		this.server.close();
	}

	@Test
	void aLookForAFurtherMessageEndsAtOnceIfNothingHasArrived() throws IOException {
		this.client.setSoTimeout(1);
		InputStream in = this.client.getInputStream();
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> in.read(new byte[1]))
			.withMessage(AT_ONCE);
	}

	@Test
	void aLookForAFurtherMessageFindsWhatHasArrived() throws IOException {
		InputStream in = this.client.getInputStream();
		this.peer.getOutputStream().write(new byte[] { 7, 8 });
		assertThat(in.read()).isEqualTo(7);
		this.client.setSoTimeout(1);
		byte[] one = new byte[1];
		assertThat(in.read(one)).isEqualTo(1);
		assertThat(one).containsExactly(8);
	}

	@Test
	void otherTimeoutsAreWaitedFor() throws IOException {
		InputStream in = this.client.getInputStream();
		this.client.setSoTimeout(1);
		this.client.setSoTimeout(2);
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> in.read(new byte[1]))
			.withMessageNotContaining(AT_ONCE);
	}

	@Test
	void socketsAreMadeInEveryWay() throws IOException {
		InetAddress loopback = InetAddress.getLoopbackAddress();
		int port = this.server.getLocalPort();
		PostgresSocketFactory factory = new PostgresSocketFactory();
		try (Socket byName = factory.createSocket(loopback.getHostAddress(), port);
				Socket bound = factory.createSocket(loopback.getHostAddress(), port, loopback, 0)) {
			assertThat(byName.isConnected()).isTrue();
			assertThat(bound.isConnected()).isTrue();
		}
	}

}
