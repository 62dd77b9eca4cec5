package io.election.testing.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * One direction of a {@link ProxyLink}: what was read from one socket and waits for its
 * time to be written to the other. Belongs to the proxy's thread.
 */
final class ProxyPipe {

	private static final int PIECE = 64 * 1024;

	private static final int ROOM = 1024 * 1024;

	private final SocketChannel source;

	private final SocketChannel sink;

	private final Deque<Piece> pieces = new ArrayDeque<>();

	private final ByteBuffer buffer = ByteBuffer.allocate(PIECE);

	private int held;

	private boolean sourceEnded;

	private boolean finished;

	private boolean broken;

	ProxyPipe(SocketChannel source, SocketChannel sink) {
		this.source = source;
		this.sink = sink;
	}

	/**
	 * Read what the source has.
	 * @param delayNanos how much later its end would be delivered, if this is it
	 * @return the bytes, or {@code null} if there are none
	 */
	byte @Nullable [] read(long delayNanos) {
		this.buffer.clear();
		try {
			int count = this.source.read(this.buffer);
			if (count > 0) {
				return Arrays.copyOf(this.buffer.array(), count);
			}
			if (count < 0) {
				end(Kind.END, delayNanos);
			}
		}
		catch (IOException ex) {
			// Reset by the source
			end(Kind.RESET, delayNanos);
		}
		return null;
	}

	void add(byte[] bytes, long delayNanos) {
		this.pieces.add(new Piece(Kind.BYTES, ByteBuffer.wrap(bytes), System.nanoTime() + delayNanos));
		this.held += bytes.length;
	}

	/**
	 * Tell the receiver, after what it still gets, that the connection is lost.
	 */
	void breakOff() {
		end(Kind.RESET, 0);
	}

	private void end(Kind kind, long delayNanos) {
		this.sourceEnded = true;
		this.pieces.add(new Piece(kind, ByteBuffer.allocate(0), System.nanoTime() + delayNanos));
	}

	/**
	 * Write what is due, as far as the receiver takes it.
	 * @return how many bytes were written
	 * @throws IOException if the receiver has gone
	 */
	long deliver() throws IOException {
		long written = 0;
		while (isDue()) {
			Piece piece = this.pieces.getFirst();
			switch (piece.kind()) {
				case BYTES -> {
					if (!this.sink.isConnected()) {
						return written;
					}
					written += this.sink.write(piece.bytes());
					if (piece.bytes().hasRemaining()) {
						return written;
					}
					this.held -= piece.bytes().limit();
				}
				case END -> {
					if (!this.sink.isConnected()) {
						return written;
					}
					this.sink.shutdownOutput();
					this.finished = true;
				}
				case RESET -> this.broken = true;
			}
			this.pieces.removeFirst();
		}
		return written;
	}

	/**
	 * Lose the bytes that wait. That the source has ended is not lost: a real network
	 * would repeat it.
	 */
	void drop() {
		this.pieces.removeIf((piece) -> piece.kind() == Kind.BYTES);
		this.held = 0;
	}

	/**
	 * Forget what waits, as its receiver has gone.
	 */
	void discard() {
		this.sourceEnded = true;
		this.pieces.clear();
		this.held = 0;
	}

	boolean hasRoom() {
		return !this.sourceEnded && this.held < ROOM;
	}

	boolean isDue() {
		return untilDue() <= 0;
	}

	long untilDue() {
		return this.pieces.isEmpty() ? Long.MAX_VALUE : this.pieces.getFirst().due() - System.nanoTime();
	}

	/**
	 * Return whether the source has ended and the receiver knows.
	 * @return whether it is so
	 */
	boolean isFinished() {
		return this.finished;
	}

	/**
	 * Return whether the receiver is due to learn that the connection is lost.
	 * @return whether it is so
	 */
	boolean isBroken() {
		return this.broken;
	}

	private record Piece(Kind kind, ByteBuffer bytes, long due) {

	}

	private enum Kind {

		BYTES, END, RESET

	}

}
