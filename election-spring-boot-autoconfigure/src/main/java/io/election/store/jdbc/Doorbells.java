package io.election.store.jdbc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.election.core.Answer;
import io.election.core.LeaseRecord;

/**
 * The doorbells of a store: the elections that are read first have one each.
 */
final class Doorbells {

	private final List<Doorbell> all = new ArrayList<>();

	/** Those that no thread watches. */
	private final Deque<Doorbell> unwatched;

	/** Confined to the calling thread. */
	private final Map<String, Doorbell> assigned = new HashMap<>();

	Doorbells(int number) {
		for (int i = 0; i < number; i++) {
			this.all.add(new Doorbell());
		}
		this.unwatched = new ArrayDeque<>(this.all);
	}

	/** Records were read, of the given elections at most. */
	void read(Collection<String> elections, Map<String, LeaseRecord> records) {
		this.assigned.entrySet().removeIf((entry) -> !entry.getValue().isFor(entry.getKey()));
		for (String election : elections) {
			if (this.assigned.size() < this.all.size() && !this.assigned.containsKey(election)) {
				Doorbell next = this.all.stream()
					.filter((doorbell) -> !this.assigned.containsValue(doorbell))
					.findFirst()
					.orElseThrow();
				next.assign(election);
				this.assigned.put(election, next);
			}
		}
		this.assigned.forEach((election, doorbell) -> {
			LeaseRecord record = records.get(election);
			if (record != null) {
				doorbell.read(record);
			}
		});
	}

	/** Calls were answered. */
	Map<String, Answer> answered(Map<String, Answer> answers) {
		this.assigned.forEach((election, doorbell) -> {
			Answer answer = answers.get(election);
			if (answer != null) {
				doorbell.answered(answer);
			}
		});
		return answers;
	}

	/** One for a thread to watch, {@code null} if there is none left. */
	synchronized @Nullable Doorbell take() {
		return this.unwatched.poll();
	}

	synchronized void giveBack(@Nullable Doorbell doorbell) {
		if (doorbell != null) {
			this.unwatched.addFirst(doorbell);
		}
	}

	void close() {
		this.all.forEach(Doorbell::close);
	}

}
