package io.election.store.nats;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;

import io.election.core.LeaseRecord;
import io.election.store.nats.Connection.Request;
import io.election.store.nats.Sightings.Sighting;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes records. A write names the revision that it replaces.
 */
final class Records {

	private static final String EXPECTED_REVISION = "Nats-Expected-Last-Subject-Sequence";

	private static final int NO_MESSAGE = 10037;

	private static final int WRONG_REVISION = 10071;

	/** The same where the server does not know the right one. */
	private static final int WRONG_REVISION_UNKNOWN = 10164;

	private final Bucket bucket;

	private final Sightings sightings;

	Records(Bucket bucket, Sightings sightings) {
		this.bucket = bucket;
		this.sightings = sightings;
	}

	/**
	 * Reads records from the leader of the stream. Another server may not have the latest
	 * ones, and would end a healthy term.
	 */
	Map<String, Sighting> read(Connection nats, Collection<String> elections) throws Exception {
		Map<String, Request> requests = new LinkedHashMap<>();
		for (String election : elections) {
			requests.put(election, Request.api("STREAM.MSG.GET." + this.bucket.stream(),
					"{\"last_by_subj\":\"" + this.bucket.subject(election) + "\"}"));
		}
		long askedAt = System.nanoTime();
		Map<String, Sighting> found = new HashMap<>();
		for (Map.Entry<String, Message> answer : nats.ask(requests).entrySet()) {
			found.put(answer.getKey(), found(answer.getKey(), answer.getValue(), askedAt));
		}
		return found;
	}

	private Sighting found(String election, Message answer, long askedAt) throws JetStreamApiException {
		MessageInfo message = new MessageInfo(answer, this.bucket.stream(), false);
		if (message.getApiErrorCode() == NO_MESSAGE) {
			return this.sightings.read(election, 0, new LeaseRecord.Absent(), askedAt);
		}
		message.throwOnHasError();
		return this.sightings.read(election, message.getSeq(),
				Content.decode(message.getData()).toRecord(election, message.getSeq()), askedAt);
	}

	/**
	 * Replaces records that are as expected. What they were last seen like will do to
	 * begin with: nothing is written if they have changed since.
	 * @param change makes what is to be written for a request, {@code null} if the record
	 * is not the expected one
	 * @return what became of the requests
	 */
	<T> List<Outcome<T>> change(Connection nats, Map<String, T> requests,
			BiFunction<T, LeaseRecord, @Nullable Content> change) throws Exception {
		Map<String, Sighting> known = new HashMap<>();
		List<String> unexpected = new ArrayList<>();
		requests.forEach((election, request) -> {
			Sighting last = this.sightings.get(election);
			known.put(election, last);
			if (change.apply(request, last.record()) == null) {
				unexpected.add(election);
			}
		});
		known.putAll(read(nats, unexpected));
		Map<String, Write> writes = new LinkedHashMap<>();
		requests.forEach((election, request) -> {
			Sighting last = Objects.requireNonNull(known.get(election));
			Content content = change.apply(request, last.record());
			if (content != null) {
				writes.put(election, new Write(last.revision(), content));
			}
		});
		Map<String, LeaseRecord> written = write(nats, writes);
		writes.keySet().removeAll(written.keySet());
		known.putAll(read(nats, writes.keySet()));
		List<Outcome<T>> outcomes = new ArrayList<>();
		requests.forEach((election, request) -> {
			LeaseRecord own = written.get(election);
			LeaseRecord record = (own != null) ? own : Objects.requireNonNull(known.get(election)).aged();
			outcomes.add(new Outcome<>(election, request, record, own != null));
		});
		return outcomes;
	}

	/** What was written; missing where the revision was another. */
	private Map<String, LeaseRecord> write(Connection nats, Map<String, Write> writes) throws Exception {
		Map<String, Request> requests = new LinkedHashMap<>();
		writes.forEach((election, write) -> requests.put(election, request(election, write)));
		Map<String, Message> answers = nats.ask(requests);
		Map<String, LeaseRecord> written = new HashMap<>();
		for (Map.Entry<String, Write> write : writes.entrySet()) {
			String election = write.getKey();
			try {
				long revision = new PublishAck(Objects.requireNonNull(answers.get(election))).getSeqno();
				LeaseRecord record = write.getValue().content().toRecord(election, revision);
				this.sightings.changed(election, revision, record);
				written.put(election, record);
			}
			catch (JetStreamApiException ex) {
				if (ex.getApiErrorCode() != WRONG_REVISION && ex.getApiErrorCode() != WRONG_REVISION_UNKNOWN) {
					throw ex;
				}
			}
		}
		return written;
	}

	private Request request(String election, Write write) {
		Headers headers = new Headers().put(EXPECTED_REVISION, Long.toString(write.revision()));
		return Request.write(this.bucket.subject(election), headers, write.content().encode());
	}

	/**
	 * What is to be written.
	 *
	 * @param revision of what it replaces, 0 if there is nothing
	 * @param content the content
	 */
	private record Write(long revision, Content content) {
	}

	/**
	 * What became of a request.
	 *
	 * @param election the election
	 * @param request the request
	 * @param record the record as it is now
	 * @param written whether that was written for the request
	 */
	record Outcome<T>(String election, T request, LeaseRecord record, boolean written) {
	}

}
