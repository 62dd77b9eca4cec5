package io.election.testing.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A server that sends back what it gets, and remembers it.
 */
final class EchoServer implements AutoCloseable {

	static final String END = "<end>";

	static final String RESET = "<reset>";

	private final ServerSocket listener;

	private final Thread acceptor;

	private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

	EchoServer() throws IOException {
		this.listener = new ServerSocket(0, 0, InetAddress.getByName("127.0.0.1"));
		this.acceptor = start(this::accept);
	}

	int port() {
		return this.listener.getLocalPort();
	}

	/**
	 * Return what came in so far that was not taken, {@link #END} and {@link #RESET}
	 * included.
	 * @return what came in, in order
	 */
	BlockingQueue<String> received() {
		return this.received;
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		try {
			// Until then its system call could still accept a connection
			this.acceptor.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted while closing", ex);
		}
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.listener.accept();
				start(() -> echo(socket));
			}
		}
		catch (IOException ex) {
			if (!this.listener.isClosed()) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	private void echo(Socket socket) {
		try (socket; InputStream in = socket.getInputStream(); OutputStream out = socket.getOutputStream()) {
			byte[] buffer = new byte[64 * 1024];
			for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
				this.received.add(new String(buffer, 0, count, StandardCharsets.UTF_8));
				out.write(buffer, 0, count);
			}
			this.received.add(END);
		}
		catch (IOException ex) {
			this.received.add(RESET);
		}
	}

	private static Thread start(Runnable runnable) {
		Thread thread = new Thread(runnable, "echo");
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

}
