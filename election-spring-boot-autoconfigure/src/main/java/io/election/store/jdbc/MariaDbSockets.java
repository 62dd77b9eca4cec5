package io.election.store.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.Driver;
import java.util.Locale;
import java.util.Properties;

import javax.net.SocketFactory;

import org.jspecify.annotations.Nullable;

/**
 * Makes the sockets of MariaDB's driver and remembers the latest of each thread, which
 * can be closed at any time. The driver's own way to abort a connection that is in use is
 * to connect once more and to have the server end the first one, which is of no help
 * where the server does not answer. Public because the driver makes one.
 */
public final class MariaDbSockets extends SocketFactory {

	private static final String PROPERTY = "socketFactory";

	private static final ThreadLocal<@Nullable Socket> LATEST = new ThreadLocal<>();

	/**
	 * Has the driver use this, if it is MariaDB's, can see this class and was not asked
	 * to use another one.
	 */
	static void offer(Driver driver, String url, Properties properties) {
		LATEST.remove();
		boolean asked = url.toLowerCase(Locale.ROOT).contains("socketfactory")
				|| properties.stringPropertyNames().stream().anyMatch(PROPERTY::equalsIgnoreCase);
		if (!asked && driver.getClass().getName().equals("org.mariadb.jdbc.Driver") && isVisible(driver)) {
			properties.setProperty(PROPERTY, MariaDbSockets.class.getName());
		}
	}

	private static boolean isVisible(Driver driver) {
		try {
			return Class.forName(MariaDbSockets.class.getName(), false,
					driver.getClass().getClassLoader()) == MariaDbSockets.class;
		}
		catch (ClassNotFoundException ex) {
			return false;
		}
	}

	/** The socket that was made last on this thread, {@code null} if there is none. */
	static @Nullable Socket takeLatest() {
		Socket latest = LATEST.get();
		LATEST.remove();
		return latest;
	}

	@Override
	public Socket createSocket() throws IOException {
		Socket socket = new Socket();
		socket.setSendBufferSize(MySqlDialect.SEND_BUFFER);
		LATEST.set(socket);
		return socket;
	}

	@Override
	public Socket createSocket(String host, int port) throws IOException {
		return getDefault().createSocket(host, port);
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
		return getDefault().createSocket(host, port, localHost, localPort);
	}

	@Override
	public Socket createSocket(InetAddress host, int port) throws IOException {
		return getDefault().createSocket(host, port);
	}

	@Override
	public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
			throws IOException {
		return getDefault().createSocket(address, port, localAddress, localPort);
	}

}
