package io.election.testing.servers;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A network that misbehaves on demand: a TCP proxy on a port of 127.0.0.1 in front of a
 * server.
 * <p>
 * Every fault acts on connections that exist and on those to come, and is in force when
 * its method returns. {@link #pass()} ends them all. Faults of the two directions add up;
 * the port stays the same until {@link #close()}.
 */
public final class FaultProxy implements AutoCloseable {

	private static final long TASK_LIMIT_SECONDS = 10;

	private final InetSocketAddress target;

	private final InetSocketAddress address;

	private final Selector selector;

	private final Thread thread;

	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	private final CompletableFuture<Void> end = new CompletableFuture<>();

	// The rest belongs to the thread

	private final List<ProxyLink> links = new ArrayList<>();

	private final ProxyConditions conditions = new ProxyConditions();

	private @Nullable ServerSocketChannel listener;

	private boolean closed;

	private int accepted;

	private FaultProxy(InetSocketAddress target) throws IOException {
		this.target = target;
		this.selector = Selector.open();
		this.address = new InetSocketAddress("127.0.0.1", FreePort.find());
		listen();
		this.thread = new Thread(this::run, "fault-proxy-" + port());
		this.thread.setDaemon(true);
		this.thread.start();
	}

	/**
	 * Create a proxy that passes everything.
	 * @param host the server's host
	 * @param port the server's port
	 * @return the proxy
	 */
	public static FaultProxy to(String host, int port) {
		try {
			return new FaultProxy(new InetSocketAddress(host, port));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Create a proxy in front of a port of 127.0.0.1.
	 * @param port the server's port
	 * @return the proxy
	 */
	public static FaultProxy to(int port) {
		return to("127.0.0.1", port);
	}

	public String host() {
		return "127.0.0.1";
	}

	public int port() {
		return this.address.getPort();
	}

	/**
	 * End every fault: what was frozen is delivered, what was dropped is lost.
	 */
	public void pass() {
		change(this.conditions::reset);
	}

	/**
	 * Hold everything back in both directions, connection ends included, until
	 * {@link #pass()}. Connections are accepted.
	 */
	public void freeze() {
		change(() -> {
			this.conditions.set(Direction.TO_SERVER, Flow.FREEZE);
			this.conditions.set(Direction.TO_CLIENT, Flow.FREEZE);
		});
	}

	/**
	 * Hold everything back in one direction and leave the other as it is.
	 * @param direction the direction
	 */
	public void freeze(Direction direction) {
		change(() -> this.conditions.set(direction, Flow.FREEZE));
	}

	/**
	 * Lose all bytes of both directions. Connections are accepted; that one ended is told
	 * to its peer only after {@link #pass()}.
	 */
	public void blackHole() {
		change(() -> {
			this.conditions.set(Direction.TO_SERVER, Flow.DROP);
			this.conditions.set(Direction.TO_CLIENT, Flow.DROP);
		});
	}

	/**
	 * Lose all bytes of one direction and leave the other as it is.
	 * @param direction the direction
	 */
	public void blackHole(Direction direction) {
		change(() -> this.conditions.set(direction, Flow.DROP));
	}

	/**
	 * Deliver what arrives from now on this much later, in both directions.
	 * @param delay the delay, of each direction
	 */
	public void delay(Duration delay) {
		change(() -> this.conditions.delay(delay));
	}

	/**
	 * Reset the connections that exist (RST), on both sides. New ones are not affected.
	 */
	public void reset() {
		perform(this::resetLinks);
	}

	/**
	 * Be a server that is down: reset the connections that exist and refuse new ones,
	 * until another fault or {@link #pass()}.
	 */
	public void refuse() {
		perform(() -> {
			closeListener();
			resetLinks();
		});
	}

	/**
	 * Deliver the first request that matches, but not the reply to it; whatever the
	 * server sends on that connection after the request counts as the reply. Then nothing
	 * more flows on the connection, whose peers are not told: not even {@link #pass()}
	 * revives it, as its stream has a hole.
	 * @param request matches the bytes of the request, as they arrive in one piece
	 * @return completed when something was swallowed
	 */
	public CompletableFuture<Void> swallowReplyAndStall(Predicate<byte[]> request) {
		return swallow(new Swallow(request, false));
	}

	/**
	 * Deliver the first request that matches, but not the reply to it, and reset the
	 * connection when the reply arrives. For protocols in which the first thing that the
	 * server sends after the request is the reply, and no sign of life or answer to a
	 * part of it.
	 * @param request matches the bytes of the request, as they arrive in one piece
	 * @return completed when a reply was swallowed: the server has done its work by then
	 */
	public CompletableFuture<Void> swallowReplyAndReset(Predicate<byte[]> request) {
		return swallow(new Swallow(request, true));
	}

	private CompletableFuture<Void> swallow(Swallow swallow) {
		change(() -> this.conditions.swallow(swallow));
		return swallow.done();
	}

	/**
	 * Return how many connections clients have through this proxy now.
	 * @return the number
	 */
	public int connections() {
		return ask(this.links::size);
	}

	/**
	 * Return how many connections were accepted so far.
	 * @return the number
	 */
	public int acceptedConnections() {
		return ask(() -> this.accepted);
	}

	/**
	 * Return how many bytes were delivered in a direction so far.
	 * @param direction the direction
	 * @return the number
	 */
	public long bytes(Direction direction) {
		return ask(() -> this.conditions.delivered(direction));
	}

	/**
	 * Reset all connections and free the port.
	 */
	@Override
	public void close() {
		if (this.end.isDone()) {
			return;
		}
		perform(() -> {
			closeListener();
			resetLinks();
			this.closed = true;
		});
	}

	// On the thread, where what a peer has seen is counted already
	private <T> T ask(Supplier<T> question) {
		CompletableFuture<T> answer = new CompletableFuture<>();
		perform(() -> answer.complete(question.get()));
		return answer.join();
	}

	private void change(Runnable change) {
		perform(() -> {
			change.run();
			if (this.listener == null) {
				listen();
			}
		});
	}

	private void perform(Task task) {
		CompletableFuture<Void> done = new CompletableFuture<>();
		this.tasks.add(() -> {
			try {
				task.run();
				// A fault acts even if another one follows at once
				advance();
				// A registered channel is not closed before the next selection
				this.selector.selectNow();
				done.complete(null);
			}
			catch (IOException | RuntimeException ex) {
				done.completeExceptionally(ex);
			}
		});
		this.selector.wakeup();
		try {
			CompletableFuture.anyOf(done, this.end).get(TASK_LIMIT_SECONDS, TimeUnit.SECONDS);
			if (!done.isDone()) {
				throw new IllegalStateException("The proxy is closed");
			}
			done.get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while changing the proxy", ex);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new IllegalStateException("The proxy has failed", ex);
		}
	}

	private void run() {
		try (this.selector; Closeable listening = this::closeListener) {
			while (!this.closed) {
				this.selector.select(nextDelivery());
				runTasks();
				this.selector.selectedKeys().forEach(this::ready);
				this.selector.selectedKeys().clear();
				advance();
			}
			this.end.complete(null);
		}
		catch (IOException | RuntimeException | Error ex) {
			// Callers are told by the next method they call, clients at once
			this.end.completeExceptionally(ex);
			resetLinks();
		}
	}

	private void runTasks() {
		for (Runnable task = this.tasks.poll(); task != null && !this.closed; task = this.tasks.poll()) {
			task.run();
		}
	}

	private void advance() {
		this.links.forEach(ProxyLink::advance);
		this.links.removeIf(ProxyLink::isClosed);
	}

	private void ready(SelectionKey key) {
		if (key.attachment() instanceof ProxyLink link) {
			link.ready(key);
		}
		else if (key.isValid()) {
			accept();
		}
	}

	private void accept() {
		try {
			SocketChannel client = (this.listener != null) ? this.listener.accept() : null;
			if (client != null) {
				this.links.add(new ProxyLink(client, this.target, this.selector, this.conditions));
				this.accepted++;
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private long nextDelivery() {
		long next = this.links.stream().mapToLong(ProxyLink::untilNextDelivery).min().orElse(Long.MAX_VALUE);
		// Rounded up: waking early would be to spin; 0 means for ever
		return (next == Long.MAX_VALUE) ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(next) + 1);
	}

	private void listen() throws IOException {
		ServerSocketChannel channel = ServerSocketChannel.open();
		channel.bind(this.address).configureBlocking(false);
		channel.register(this.selector, SelectionKey.OP_ACCEPT);
		this.listener = channel;
	}

	private void closeListener() throws IOException {
		if (this.listener != null) {
			this.listener.close();
			this.listener = null;
		}
	}

	private void resetLinks() {
		this.links.forEach(ProxyLink::reset);
		this.links.clear();
	}

	/**
	 * A way through the proxy.
	 */
	public enum Direction {

		/**
		 * Requests.
		 */
		TO_SERVER,

		/**
		 * Replies.
		 */
		TO_CLIENT

	}

	/**
	 * What becomes of the bytes of a direction.
	 */
	enum Flow {

		PASS, FREEZE, DROP

	}

	/**
	 * A reply that is to get lost.
	 *
	 * @param request matches the request it answers
	 * @param thenReset whether the connection is reset afterwards, rather than stalled
	 * @param done completed when the reply was lost
	 */
	record Swallow(Predicate<byte[]> request, boolean thenReset, CompletableFuture<Void> done) {

		Swallow(Predicate<byte[]> request, boolean thenReset) {
			this(request, thenReset, new CompletableFuture<>());
		}

	}

	/**
	 * Something to do on the proxy's thread.
	 */
	@FunctionalInterface
	private interface Task {

		void run() throws IOException;

	}

}
