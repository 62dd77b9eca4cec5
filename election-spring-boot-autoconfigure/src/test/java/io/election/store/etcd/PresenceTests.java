package io.election.store.etcd;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Presence}.
 */
class PresenceTests {

	private final Presence presence = new Presence();

	@Test
	void aSessionWhoseKeysCannotBeCheckedIsUsedForTwoLeases() {
		Session session = new Session(1, 60);
		this.presence.use(session);
		this.presence.keysAreRight(session);
		this.presence.keysCannotBeChecked();
		assertThat(this.presence.last()).isEqualTo(session);
	}

	@Test
	void aSessionWhoseKeysCouldNotBeCheckedForTwoLeasesIsLeftToEnd() {
		Session session = new Session(1, 0);
		this.presence.use(session);
		this.presence.keysAreRight(session);
		this.presence.keysCannotBeChecked();
		assertThat(this.presence.last()).isNull();
	}

}
