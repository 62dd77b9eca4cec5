package io.election.samples.quickstart;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link SampledTerms}.
 */
class SampledTermsTests {

	private final SampledTerms terms = new SampledTerms();

	@Test
	void findsTwoLeadersAtOnce() {
		led("one", 1, 100, 200);
		led("two", 2, 199, 300);
		assertThat(this.terms.overlaps()).containsExactly("one (token 1) and two (token 2)");
	}

	@Test
	void findsTheTermWithinAnother() {
		led("one", 1, 100, 200);
		led("two", 2, 150, 160);
		led("one", 3, 210, 220);
		assertThat(this.terms.overlaps()).containsExactly("one (token 1) and two (token 2)");
	}

	@Test
	void findsTwoLeadersOfTheSameToken() {
		led("one", 1, 100, 200);
		led("two", 1, 100, 200);
		assertThat(this.terms.overlaps()).containsExactly("one (token 1) and two (token 1)");
	}

	@Test
	void findsTwoProcessesThatLeadAsTheSameReplica() {
		led("one", 1, 100, 200);
		led("one", 2, 150, 250);
		assertThat(this.terms.overlaps()).containsExactly("one (token 1) and one (token 2)");
	}

	@Test
	void acceptsOneLeaderAfterTheOther() {
		led("one", 1, 100, 200);
		led("two", 2, 200, 300);
		led("one", 3, 301, 400);
		assertThat(this.terms.overlaps()).isEmpty();
	}

	@Test
	void takesWhoeverDoesNotLeadForNoLeader() {
		led("one", 1, 100, 200);
		led("two", 0, 100, 200);
		assertThat(this.terms.overlaps()).isEmpty();
	}

	@Test
	void knowsHowOftenReplicasWereAsked() {
		this.terms.add("one", 0, 100, 7);
		this.terms.add("one", 1, 101, 8);
		this.terms.add("two", 0, 102, 5);
		assertThat(this.terms.samples()).containsEntry("one", 15L).containsEntry("two", 5L);
	}

	private void led(String replica, long token, long from, long to) {
		this.terms.add(replica, token, from, 1);
		this.terms.add(replica, token, to, 2);
	}

}
