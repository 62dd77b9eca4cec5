package io.election.store.jdbc;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

import javax.net.SocketFactory;

/**
 * Makes sockets on which a notification arrives a millisecond earlier: PostgreSQL's
 * driver hands it over only after it has waited for a further one, with a timeout of that
 * length ({@code PGStream.hasMessagePending}). Here such a wait ends at once if nothing
 * has arrived. Created by the driver, therefore public.
 */
public final class PostgresSocketFactory extends SocketFactory {

	private static final int DRIVERS_TIMEOUT = 1;

	@Override
	public Socket createSocket() {
		return new ImpatientSocket();
	}

	@Override
	public Socket createSocket(String host, int port) throws IOException {
		return createSocket(InetAddress.getByName(host), port);
	}

	@Override
	public Socket createSocket(InetAddress host, int port) throws IOException {
		Socket socket = createSocket();
		socket.connect(new InetSocketAddress(host, port));
		return socket;
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
		return createSocket(InetAddress.getByName(host), port, localHost, localPort);
	}

	@Override
	public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
		Socket socket = createSocket();
		socket.bind(new InetSocketAddress(localHost, localPort));
		socket.connect(new InetSocketAddress(host, port));
		return socket;
	}

	private static final class ImpatientSocket extends Socket {

		private volatile boolean impatient;

		@Override
		public synchronized void setSoTimeout(int timeout) throws SocketException {
			super.setSoTimeout(timeout);
			this.impatient = timeout == DRIVERS_TIMEOUT;
		}

		@Override
		public InputStream getInputStream() throws IOException {
			return new FilterInputStream(super.getInputStream()) {

				@Override
				public int read(byte[] bytes, int offset, int length) throws IOException {
					if (ImpatientSocket.this.impatient && this.in.available() == 0) {
						throw new SocketTimeoutException("Nothing has arrived");
					}
					return super.read(bytes, offset, length);
				}

			};
		}

	}

}
