package io.election.store.nats;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.impl.NatsJetStreamMetaData;
import org.jspecify.annotations.Nullable;

/**
 * What a server sends of a bucket: first the last message of every key, then every
 * further one. None is missing: a gap ends the feed.
 */
final class Feed {

	private final Subscription subscription;

	private final ConsumerInfo info;

	/** The number of the last message that came. */
	private long last;

	/** Its revision. */
	private long revision;

	Feed(Subscription subscription, ConsumerInfo info) {
		this.subscription = subscription;
		this.info = info;
	}

	/**
	 * Waits for what the bucket holds now.
	 * @param patience how long the server may be silent from now on, asked before each
	 * message
	 * @param messages told of each message
	 * @throws IOException if messages are missing, or the server was silent
	 */
	void backlog(Supplier<Duration> patience, Consumer<Message> messages) throws IOException, InterruptedException {
		long pending = this.info.getCalculatedPending() + this.info.getDelivered().getConsumerSequence();
		while (pending > 0) {
			Message message = next(patience.get());
			if (message == null) {
				return; // replaced in the meantime
			}
			messages.accept(message);
			pending = Math.min(pending - 1, message.metaData().pendingCount());
		}
	}

	/** When it began, by the clock of the server. */
	Instant beganAt() {
		return this.info.getCreationTime().toInstant();
	}

	/**
	 * Waits for the next message.
	 * @param patience how long the server may be silent
	 * @return the message, {@code null} if the server only shows that it is there
	 * @throws IOException if messages are missing, or the server was silent
	 */
	@Nullable Message next(Duration patience) throws IOException, InterruptedException {
		Message message = this.subscription.nextMessage(patience);
		if (message == null) {
			throw new IOException("NATS fell silent");
		}
		if (message.isStatusMessage()) {
			String lastSent = (message.getHeaders() != null) ? message.getHeaders().getFirst("Nats-Last-Consumer")
					: null;
			if (lastSent == null || Long.parseLong(lastSent) != this.last) {
				throw new IOException("NATS does not go on to send changes: " + message.getStatus().getMessage());
			}
			return null;
		}
		NatsJetStreamMetaData details = message.metaData();
		if (details.consumerSequence() != this.last + 1 || details.streamSequence() <= this.revision) {
			throw new IOException("NATS has sent " + (this.last + 1) + " as " + details.consumerSequence());
		}
		this.last = details.consumerSequence();
		this.revision = details.streamSequence();
		return message;
	}

	/** Has the server send no more. */
	void end() {
		this.subscription.unsubscribe();
	}

}
