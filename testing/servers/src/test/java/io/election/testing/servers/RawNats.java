package io.election.testing.servers;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A client of NATS that can ask one question at a time.
 */
final class RawNats implements AutoCloseable {

	private static final int LIMIT_MILLIS = 30_000;

	private final Socket socket;

	private final InputStream input;

	private final String info;

	private int inbox;

	RawNats(int port, String options) {
		try {
			this.socket = new Socket("127.0.0.1", port);
			this.socket.setSoTimeout(LIMIT_MILLIS);
			this.input = new BufferedInputStream(this.socket.getInputStream());
			this.info = line();
			send("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true%s}\r\nPING\r\n"
				.formatted(options));
			String answer = line();
			if (!answer.equals("PONG")) {
				throw new IllegalStateException(answer);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	RawNats(int port) {
		this(port, "");
	}

	/**
	 * Return what the server told when it was connected to.
	 * @return the text
	 */
	String info() {
		return this.info;
	}

	/**
	 * Send a request and wait for the reply to it.
	 * @param subject the subject
	 * @param payload the request
	 * @return the reply
	 */
	String request(String subject, String payload) {
		try {
			this.inbox++;
			String replyTo = "inbox." + ProcessHandle.current().pid() + "." + System.identityHashCode(this) + "."
					+ this.inbox;
			send("SUB %s %s\r\nPUB %s %s %s\r\n%s\r\n".formatted(replyTo, this.inbox, subject, replyTo,
					payload.getBytes(StandardCharsets.UTF_8).length, payload));
			while (true) {
				String line = line();
				if (line.startsWith("MSG ")) {
					int length = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
					String reply = new String(this.input.readNBytes(length), StandardCharsets.UTF_8);
					line();
					// The server counts what it has read before it reads on
					send("PING\r\n");
					while (!line().equals("PONG")) {
						continue;
					}
					return reply;
				}
				// A message with headers says that nobody has got the request
				if (line.startsWith("HMSG ") || line.startsWith("-ERR")) {
					throw new IllegalStateException(subject + ": " + line);
				}
				if (line.equals("PING")) {
					send("PONG\r\n");
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void send(String text) throws IOException {
		this.socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
	}

	private String line() throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		for (int octet = this.input.read(); octet != '\n'; octet = this.input.read()) {
			if (octet < 0) {
				throw new EOFException("Closed after: " + line.toString(StandardCharsets.UTF_8));
			}
			line.write(octet);
		}
		return line.toString(StandardCharsets.UTF_8).strip();
	}

}
