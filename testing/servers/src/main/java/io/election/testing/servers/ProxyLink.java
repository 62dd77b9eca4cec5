package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

import io.election.testing.servers.FaultProxy.Direction;
import io.election.testing.servers.FaultProxy.Flow;
import io.election.testing.servers.FaultProxy.Swallow;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection through a {@link FaultProxy}: two sockets and a
 * {@link ProxyPipe} each way. Belongs to the proxy's thread.
 */
final class ProxyLink {

	private final ProxyConditions conditions;

	private final SocketChannel client;

	private final SocketChannel server;

	private final SelectionKey clientKey;

	private final SelectionKey serverKey;

	private final ProxyPipe toServer;

	private final ProxyPipe toClient;

	private @Nullable Swallow swallow;

	private boolean stalled;

	ProxyLink(SocketChannel client, InetSocketAddress target, Selector selector, ProxyConditions conditions)
			throws IOException {
		this.conditions = conditions;
		this.client = client;
		this.server = SocketChannel.open();
		this.toServer = new ProxyPipe(this.client, this.server);
		this.toClient = new ProxyPipe(this.server, this.client);
		for (SocketChannel channel : new SocketChannel[] { this.client, this.server }) {
			channel.configureBlocking(false);
			channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
		}
		this.clientKey = this.client.register(selector, 0, this);
		this.serverKey = this.server.register(selector, SelectionKey.OP_CONNECT, this);
		try {
			this.server.connect(target);
		}
		catch (IOException ex) {
			this.toClient.breakOff();
		}
	}

	/**
	 * Take in what a socket has.
	 * @param key the socket's key
	 */
	void ready(SelectionKey key) {
		if (!key.isValid()) {
			return;
		}
		if (key.isConnectable()) {
			try {
				this.server.finishConnect();
			}
			catch (IOException ex) {
				// The client learns it as it learns of any lost connection: by a reset
				this.toClient.breakOff();
			}
		}
		if (!key.isValid() || !key.isReadable()) {
			return;
		}
		if (key == this.clientKey) {
			receive(Direction.TO_SERVER, this.toServer);
		}
		else {
			receive(Direction.TO_CLIENT, this.toClient);
		}
	}

	private void receive(Direction direction, ProxyPipe pipe) {
		byte[] bytes = pipe.read(this.conditions.delayNanos());
		if (bytes == null || flow(direction) == Flow.DROP) {
			return;
		}
		if (direction == Direction.TO_CLIENT && this.swallow != null) {
			swallow(this.swallow);
			return;
		}
		if (direction == Direction.TO_SERVER && this.swallow == null) {
			this.swallow = this.conditions.takeSwallowed(bytes);
		}
		pipe.add(bytes, this.conditions.delayNanos());
	}

	private void swallow(Swallow lost) {
		this.stalled = true;
		if (lost.thenReset()) {
			reset();
		}
		lost.done().complete(null);
	}

	/**
	 * Deliver what is due and say what else is of interest.
	 */
	void advance() {
		if (isClosed()) {
			return;
		}
		deliver(Direction.TO_SERVER, this.toServer, this.toClient);
		deliver(Direction.TO_CLIENT, this.toClient, this.toServer);
		if (this.toServer.isFinished() && this.toClient.isFinished()) {
			close();
		}
		if (isClosed()) {
			return;
		}
		this.clientKey.interestOps(interest(Direction.TO_SERVER, this.toServer, Direction.TO_CLIENT, this.toClient));
		if (this.server.isConnected()) {
			this.serverKey
				.interestOps(interest(Direction.TO_CLIENT, this.toClient, Direction.TO_SERVER, this.toServer));
		}
	}

	private void deliver(Direction direction, ProxyPipe pipe, ProxyPipe back) {
		if (flow(direction) == Flow.DROP) {
			pipe.drop();
		}
		if (flow(direction) != Flow.PASS || isClosed()) {
			return;
		}
		try {
			this.conditions.delivered(direction, pipe.deliver());
			if (pipe.isBroken()) {
				reset();
			}
		}
		catch (IOException ex) {
			// The receiver has gone: the sender learns it when that direction flows
			back.breakOff();
			pipe.discard();
		}
	}

	private int interest(Direction in, ProxyPipe source, Direction out, ProxyPipe sink) {
		boolean reads = flow(in) != Flow.FREEZE && source.hasRoom();
		boolean writes = flow(out) == Flow.PASS && sink.isDue();
		return (reads ? SelectionKey.OP_READ : 0) | (writes ? SelectionKey.OP_WRITE : 0);
	}

	long untilNextDelivery() {
		return Math.min(untilNextDelivery(Direction.TO_SERVER, this.toServer),
				untilNextDelivery(Direction.TO_CLIENT, this.toClient));
	}

	private long untilNextDelivery(Direction direction, ProxyPipe pipe) {
		// What is due and still there waits for its socket, not for the time
		return (flow(direction) != Flow.PASS || pipe.isDue()) ? Long.MAX_VALUE : pipe.untilDue();
	}

	private Flow flow(Direction direction) {
		return this.stalled ? Flow.DROP : this.conditions.flow(direction);
	}

	boolean isClosed() {
		return !this.client.isOpen();
	}

	/**
	 * Reset both connections.
	 */
	void reset() {
		try {
			for (SocketChannel channel : new SocketChannel[] { this.client, this.server }) {
				if (channel.isOpen()) {
					// Closing at once and without lingering is what sends an RST
					channel.setOption(StandardSocketOptions.SO_LINGER, 0);
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		close();
	}

	private void close() {
		try (this.server) {
			this.client.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
