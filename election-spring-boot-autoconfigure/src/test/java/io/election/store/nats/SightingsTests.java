package io.election.store.nats;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.store.nats.Sightings.Sighting;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Sightings}.
 */
class SightingsTests {

	private final Sightings sightings = new Sightings(Duration.ofHours(1));

	@Test
	void withoutAWatchNothingIsKnown() {
		this.sightings.changed("billing", 1, record(1));
		assertThat(this.sightings.areCurrent()).isFalse();
	}

	@Test
	void aWatchTellsOfEverythingFirst() {
		this.sightings.watchBegins();
		assertThat(this.sightings.areCurrent()).isFalse();
		this.sightings.watchIsComplete();
		assertThat(this.sightings.areCurrent()).isTrue();
		assertThat(this.sightings.get("billing").aged()).isEqualTo(new LeaseRecord.Absent());
		this.sightings.watchEnds();
		assertThat(this.sightings.areCurrent()).isFalse();
	}

	@Test
	void aWatchThatIsSilentIsNotBelieved() {
		Sightings impatient = new Sightings(Duration.ZERO);
		impatient.watchBegins();
		impatient.watchIsComplete();
		assertThat(impatient.areCurrent()).isFalse();
	}

	@Test
	void whatAFormerWatchSawIsForgotten() {
		this.sightings.changed("billing", 9, record(9));
		this.sightings.watchBegins();
		assertThat(this.sightings.get("billing").revision()).isZero();
	}

	@Test
	void ofTwoRevisionsTheHigherOneIsNewer() {
		this.sightings.watchBegins();
		this.sightings.changed("billing", 5, record(5));
		this.sightings.changed("billing", 4, record(4));
		assertThat(this.sightings.get("billing").revision()).isEqualTo(5);
	}

	@Test
	void theFirstSightingCounts() {
		Sighting first = this.sightings.changed("billing", 5, record(5));
		assertThat(this.sightings.changed("billing", 5, record(5))).isSameAs(first);
		assertThat(this.sightings.read("billing", 5, record(5), now())).isSameAs(first);
	}

	@Test
	void anAnswerThatAChangeOvertookIsOutdated() {
		this.sightings.watchBegins();
		this.sightings.watchIsComplete();
		long askedAt = now();
		Sighting change = this.sightings.changed("billing", 5, record(5));
		assertThat(this.sightings.read("billing", 4, record(4), askedAt)).isSameAs(change);
		assertThat(this.sightings.areCurrent()).isTrue();
	}

	@Test
	void aWatchIsNotBelievedAnyMoreIfTheServerHasLostWhatItTold() {
		watchWithChange();
		assertThat(this.sightings.read("billing", 4, record(4), now()).revision()).isEqualTo(4);
		assertThat(this.sightings.areCurrent()).isFalse();
		assertThat(this.sightings.watchIsAlive()).isFalse();
		assertThat(this.sightings.get("billing").revision()).isEqualTo(4);
	}

	@Test
	void aWatchDoesNotTellOfRecordsThatWerePurged() {
		watchWithChange();
		assertThat(this.sightings.read("billing", 0, new LeaseRecord.Absent(), now()).aged())
			.isEqualTo(new LeaseRecord.Absent());
		assertThat(this.sightings.areCurrent()).isFalse();
		assertThat(this.sightings.get("billing").revision()).isZero();
	}

	@Test
	void anotherRecordOfTheSameRevisionReplacesTheOne() {
		this.sightings.changed("billing", 5, record(5));
		LeaseRecord other = new LeaseRecord.Vacant(new Lease("billing", "", 3, 5));
		assertThat(this.sightings.read("billing", 5, other, now()).record()).isEqualTo(other);
	}

	@Test
	void aRecordIsAsOldAsItWasSeen() {
		LeaseRecord.Held held = new LeaseRecord.Held(new Lease("billing", "a", 1, 5), "node", Map.of(), 0,
				Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ZERO);
		Sighting seen = new Sighting(5, held, now() - Duration.ofSeconds(7).toNanos());
		assertThat(((LeaseRecord.Held) seen.aged()).age()).isBetween(Duration.ofSeconds(7), Duration.ofMinutes(5));
	}

	private void watchWithChange() {
		this.sightings.watchBegins();
		this.sightings.changed("billing", 5, record(5));
		this.sightings.watchIsComplete();
		assertThat(this.sightings.areCurrent()).isTrue();
		while (now() - this.sightings.get("billing").seenAt() <= 0) {
			Thread.onSpinWait();
		}
	}

	private static LeaseRecord record(long revision) {
		return new LeaseRecord.Vacant(new Lease("billing", "", 1, revision));
	}

	private static long now() {
		return System.nanoTime();
	}

}
