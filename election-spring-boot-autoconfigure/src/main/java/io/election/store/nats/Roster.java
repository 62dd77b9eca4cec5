package io.election.store.nats;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

import io.election.store.Attributes;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import io.election.store.nats.Connection.Request;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;

/**
 * Who takes part in elections: a key for each process, or several if it takes part in
 * many elections.
 */
final class Roster {

	/** Their names fit into a message, however long they are. */
	private static final int ELECTIONS_PER_KEY = 300;

	private static final int LIFETIMES = 3;

	private static final Duration HEARTBEAT = Duration.ofMillis(500);

	private static final String NONCE = "nonce";

	private static final String CANDIDATE_ID = "id";

	private static final String KEEP = "keep";

	private static final String ATTRIBUTE = "attribute.";

	private static final String ELECTION = "election.";

	private final Bucket bucket;

	/** The elections that a process has entered, by its nonce. */
	private final Map<String, SortedSet<String>> entered = new HashMap<>();

	Roster(Bucket bucket) {
		this.bucket = bucket;
	}

	void register(Connection nats, Registration registration) throws Exception {
		SortedSet<String> elections = this.entered.computeIfAbsent(registration.nonce(), (nonce) -> new TreeSet<>());
		elections.addAll(registration.elections());
		write(nats, registration, elections, 0);
	}

	void unregister(Connection nats, Registration registration) throws Exception {
		SortedSet<String> elections = this.entered.computeIfAbsent(registration.nonce(), (nonce) -> new TreeSet<>());
		int before = elections.size();
		elections.removeAll(registration.elections());
		write(nats, registration, elections, before);
	}

	/**
	 * Writes an entry.
	 * @param before how many elections it had
	 */
	private void write(Connection nats, Registration registration, Collection<String> elections, int before)
			throws Exception {
		Map<String, Request> requests = new LinkedHashMap<>();
		List<String> all = List.copyOf(elections);
		for (int from = 0; from < Math.max(all.size(), before); from += ELECTIONS_PER_KEY) {
			String subject = this.bucket.subject(registration.nonce() + "/" + from);
			if (from < all.size()) {
				List<String> some = all.subList(from, Math.min(from + ELECTIONS_PER_KEY, all.size()));
				requests.put(subject, Request.write(subject, null, encode(registration, some)));
			}
			else {
				requests.put(subject, Request.delete(subject));
			}
		}
		for (Message answer : nats.ask(requests).values()) {
			new PublishAck(answer); // or says why not
		}
	}

	private static String encode(Registration registration, List<String> elections) {
		Map<String, String> fields = new HashMap<>();
		registration.attributes().forEach((key, value) -> fields.put(ATTRIBUTE + key, value));
		elections.forEach((election) -> fields.put(ELECTION + election, ""));
		fields.put(NONCE, registration.nonce());
		fields.put(CANDIDATE_ID, registration.candidateId());
		fields.put(KEEP, Long.toString(registration.keep().toMillis()));
		return Attributes.encode(fields);
	}

	Collection<RosterEntry> candidates(Connection nats, String election) throws Exception {
		Map<String, RosterEntry> candidates = new LinkedHashMap<>();
		Feed feed = nats.follow(this.bucket, HEARTBEAT);
		try {
			feed.backlog(nats::timeLeft, (message) -> {
				Map<String, String> fields = Attributes.decode(new String(message.getData(), StandardCharsets.UTF_8));
				Instant lastSeen = message.metaData().timestamp().toInstant();
				Duration age = Duration.between(lastSeen, feed.beganAt());
				if (fields.containsKey(ELECTION + election) && age.toMillis() < LIFETIMES * keep(fields)) {
					RosterEntry entry = entry(fields, lastSeen);
					candidates.put(entry.nonce(), entry);
				}
			});
		}
		finally {
			feed.end();
		}
		return candidates.values();
	}

	private static long keep(Map<String, String> fields) {
		try {
			return Long.parseLong(fields.getOrDefault(KEEP, "0"));
		}
		catch (NumberFormatException ex) {
			return 0; // written by other hands
		}
	}

	private static RosterEntry entry(Map<String, String> fields, Instant lastSeen) {
		Map<String, String> attributes = new HashMap<>();
		fields.forEach((field, value) -> {
			if (field.startsWith(ATTRIBUTE)) {
				attributes.put(field.substring(ATTRIBUTE.length()), value);
			}
		});
		return new RosterEntry(fields.getOrDefault(NONCE, ""), fields.getOrDefault(CANDIDATE_ID, ""), attributes,
				lastSeen);
	}

}
