package io.election.store.nats;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

import io.election.core.LeaseRecord;
import io.election.store.Hint;
import io.nats.client.Message;
import org.jspecify.annotations.Nullable;

/**
 * Follows the changes of all elections.
 */
final class Watching {

	/** How often a server shows that it is there. The shortest one is 100 ms. */
	private static final Duration HEARTBEAT = Duration.ofMillis(500);

	/** A server that is silent for longer is not there any more. */
	static final Duration PATIENCE = HEARTBEAT.multipliedBy(3);

	private final Bucket bucket;

	private final Sightings sightings;

	private final Consumer<Hint> hints;

	Watching(Bucket bucket, Sightings sightings, Consumer<Hint> hints) {
		this.bucket = bucket;
		this.sightings = sightings;
		this.hints = hints;
	}

	/**
	 * Watches until the watch has ended.
	 * @throws Exception what ended it
	 */
	void watch(Connection nats) throws Exception {
		this.sightings.watchBegins();
		try {
			Feed feed = nats.follow(this.bucket, HEARTBEAT);
			feed.backlog(() -> PATIENCE, this::see);
			this.sightings.watchIsComplete();
			this.hints.accept(Hint.ANY);
			follow(feed);
		}
		finally {
			this.sightings.watchEnds();
		}
	}

	private void follow(Feed feed) throws IOException, InterruptedException {
		while (true) {
			Message message = feed.next(PATIENCE);
			if (!this.sightings.watchIsAlive()) {
				throw new IOException("NATS has not sent all changes");
			}
			Hint hint = (message != null) ? see(message) : null;
			if (hint != null) {
				this.hints.accept(hint);
			}
		}
	}

	private @Nullable Hint see(Message message) {
		String election = this.bucket.text(message.getSubject());
		if (election == null) {
			return null;
		}
		long revision = message.metaData().streamSequence();
		LeaseRecord record = Content.decode(message.getData()).toRecord(election, revision);
		this.sightings.changed(election, revision, record);
		return new Hint(election, (record instanceof LeaseRecord.Vacant vacant) ? vacant : null);
	}

}
